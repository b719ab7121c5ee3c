    UNION ALL
    SELECT
        tenant_id,
        account_id,
        '',
        concat(user_id, '\x1F', course),
        at,
        NULL,
        empty({training_courses:Array(String)}) OR course IN {training_courses:Array(String)},
        '',
        toInt64(253402300800000),
        0,
        '',
        '(none)',
        false
    FROM {{database}}.member_completions(
        tenants = {tenants:Array(String)},
        offset_bound = {offset_bound:Map(String, Int64)})
