-- Remove what is noted of merges from rows that name somebody, before those rows go.
--   tenant, kind (user or account), id
ALTER TABLE {{database}}.merge_records DELETE
WHERE (_topic, _partition, _offset) IN (
    SELECT _topic, _partition, _offset
    FROM {{database}}.events
    WHERE (is_retraction OR event_type IN ('account.merged', 'user.merged')) AND {{part:names_subject}})
