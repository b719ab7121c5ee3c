-- Answers of `valid` (tenant_id, account_id, user_id, source, event_id, at, survey_id, instance_id, context, said), each in force
-- from its own instant until the next one's (known to t with at < t <= next_at). In the contexts `latest_contexts` one per
-- respondent, in every other one per respondent and survey instance. Dimension plan: of the account at the answer. What a user answered for
-- an internal account does not count, but is their latest answer as well.
SELECT tenant AS tenant_id, account, at, next_at, survey, context_name, plan, said
FROM
(
    SELECT
        tenant,
        account,
        at,
        leadInFrame(at, 1, toInt64(253402300800000)) OVER (
            PARTITION BY
                tenant,
                context_name,
                respondent,
                if(has({latest_contexts:Array(String)}, context_name), ('', '', ''), (source, survey, instance))
            ORDER BY at, event_id, source
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS next_at,
        survey,
        context_name,
        plan,
        said,
        is_of_internal
    FROM
    (
        SELECT
            valid.tenant_id AS tenant,
            valid.account_id AS account,
            if(user_id != '', ('user', user_id), ('account', account_id)) AS respondent,
            valid.source AS source,
            event_id,
            at,
            ifNull(survey_id, '') AS survey,
            ifNull(instance_id, '') AS instance,
            if(ifNull(context, '') = '', 'general', assumeNotNull(context)) AS context_name,
            said,
            accounts.is_internal AS is_of_internal,
            if(arrayExists(change -> change.1 <= at, accounts.plans),
                arrayLast(change -> change.1 <= at, accounts.plans).2, '(none)') AS plan
        FROM valid
        LEFT JOIN
        (
            {{part:plans_of_accounts}}
        ) AS accounts ON valid.tenant_id = accounts.tenant_id AND valid.account_id = accounts.account_id
    )
)
WHERE NOT is_of_internal
