-- Remove what is noted of memberships from rows that name somebody, before those rows go.
--   tenant, kind (user or account), id
ALTER TABLE {{database}}.membership_records DELETE
WHERE (_topic, _partition, _offset) IN (
    SELECT _topic, _partition, _offset
    FROM {{database}}.events
    WHERE event_type IN ('user.joined_account', 'user.left_account') AND {{part:names_subject}})
