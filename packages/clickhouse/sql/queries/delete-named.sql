-- Remove every row that names somebody, and wait until it is gone.
--   tenant, kind (user or account), id
ALTER TABLE {{database}}.events DELETE
WHERE {{part:names_subject}}
