-- Rows of events of some subjects that are not taken back, one per event: the higher source_version, then the later received_at,
-- then the later place in the log.
    AND (source, event_id) NOT IN (
        SELECT source, event_id
        FROM {{database}}.retracted_events(
            tenants = {tenants:Array(String)},
            offset_bound = {offset_bound:Map(String, Int64)}))
ORDER BY source_version DESC, received_at DESC, _topic DESC, _partition DESC, _offset DESC
LIMIT 1 BY source, event_id
