-- Subjects of a tenant after a given one that have events of some types, and how many: accounts by id (rank 0), users without an
-- account by id (rank 1), and what is about neither (rank 2, an empty id).
--   tenant_id   String
--   types       Array(String)  event types
--   after_rank  UInt8
--   after       String         id; an empty one of rank 0 is before all
--   count       UInt32         subjects wanted
SELECT
    toUInt8(multiIf(account_id != '', 0, user_id != '', 1, 2)) AS rank,
    if(account_id != '', account_id, user_id) AS id,
    count() AS events
FROM {{database}}.events
WHERE tenant_id = {tenant_id:String}
    AND NOT is_retraction
    AND event_type IN {types:Array(String)}
    -- Says no more than the order below, in words that the sorting key knows.
    AND (account_id = '' OR ({after_rank:UInt8} = 0 AND account_id > {after:String}))
GROUP BY rank, id
HAVING (rank, id) > ({after_rank:UInt8}, {after:String})
ORDER BY rank, id
LIMIT {count:UInt32}
