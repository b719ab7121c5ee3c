-- Records of some homes in some partitions, before given offsets, as events (as read-records.sql) with their partition.
--   tenant        String
--   accounts      Array(String)       accounts whose homes are asked for
--   users         Array(String)       users without one
--   of_nobody     Bool                that of what is about neither is asked for too
--   partitions    Array(UInt32)
--   offset_bound  Map(String, Int64)  exclusive last offset by 'topic:partition'; of what is not named there is nothing
--   types         Array(String)       event types wanted; whatever takes another event back is wanted too
SELECT
    `_partition`,
    {{part:record_columns}}
FROM {{database}}.events
WHERE tenant_id = {tenant:String}
    AND _partition IN {partitions:Array(UInt32)}
    AND (is_retraction OR event_type IN {types:Array(String)})
    AND (account_id IN {accounts:Array(String)}
        OR (account_id = '' AND user_id IN {users:Array(String)})
        OR ({of_nobody:Bool} AND account_id = '' AND user_id = '')
        OR from_account_id IN {accounts:Array(String)}
        OR into_account_id IN {accounts:Array(String)}
        OR from_user_id IN {users:Array(String)}
        OR into_user_id IN {users:Array(String)}
        -- A move of a ticket is published to both accounts that it names.
        OR (field IN ('account_id', 'organization_id')
            AND (`from` IN {accounts:Array(String)} OR `to` IN {accounts:Array(String)})))
    AND _offset < {offset_bound:Map(String, Int64)}[concat(_topic, ':', toString(_partition))]
ORDER BY _topic, _partition, _offset
