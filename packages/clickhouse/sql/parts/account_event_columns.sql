    SELECT
        tenant_id,
        account_id,
        source,
        event_id,
        at,
        is_internal,
        event_type = 'lms.course_completed'
            AND user_id != ''
            AND (empty({training_courses:Array(String)}) OR course_id IN {training_courses:Array(String)}) AS trains,
        ifNull(subscription_id, '') AS subscription,
        leadInFrame(at, 1, toInt64(253402300800000)) OVER (
            PARTITION BY tenant_id, source, subscription_id, if(subscription_id IS NULL, event_id, '') ORDER BY at, event_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS next_at,
