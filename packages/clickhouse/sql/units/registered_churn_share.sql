-- Units of registered_churn_share, of accounts that were created and are not internal, by stretches of constant plan:
--   tenants (empty means all), offset_bound, pause_limit, churn_recognition, inactivity_limit
--   registered  counts at t in (from_at, to_at]
--   dormant     became dormant at dormant_at: counts at t in (from_at, to_at] and t <= dormant_at + W, until the next dormancy of
--               the account counts at next_from
-- A sign of life is the account's creation or an active hour, which stands at its start and is known once its first event is.
-- Dormant: at the end of the inactivity limit after a sign, or of the last subscription before that, if the next sign comes
-- later (at the very end of the limit is too late). 253402300800000 (the year 10000) stands for "not".
WITH
created AS
(
    SELECT tenant_id, account_id, min(at) AS created_at
    FROM {{database}}.effective_events(
        tenants = {tenants:Array(String)},
        types = ['account.created'],
        offset_bound = {offset_bound:Map(String, Int64)})
    WHERE account_id != ''
    GROUP BY tenant_id, account_id
),
histories AS
(
    SELECT tenant_id, account_id, plans, periods.2 AS churns
    FROM {{part:lives_of_accounts}}
    WHERE NOT is_internal
),
signs AS
(
    SELECT
        created.tenant_id AS tenant,
        created_at,
        arrayPushFront(plans, (toInt64(-9000000000000000), '(none)')) AS all_plans,
        arrayZip(
            all_plans.2,
            all_plans.1,
            arrayPushBack(arrayPopFront(all_plans.1), toInt64(253402300800000))) AS plan_stretches,
        churns,
        -- (at, known from, whether it is an active hour)
        arraySort(arrayPushBack(
            arrayMap(hour -> (hour.1, hour.2, 1), active.hours),
            (created_at, created_at, 0))) AS all_signs,
        arrayPushBack(arrayPopFront(all_signs), (toInt64(253402300800000), toInt64(253402300800000), 0)) AS next_signs,
        arrayFirstIndex(is_hour -> is_hour = 1, all_signs.3) AS first_hour
    FROM created
    INNER JOIN histories ON created.tenant_id = histories.tenant_id AND created.account_id = histories.account_id
    LEFT JOIN
    (
        {{part:active_hours}}
    ) AS active ON created.tenant_id = active.tenant_id AND created.account_id = active.account_id
),
dormant AS
(
    SELECT
        tenant,
        created_at,
        plan_stretches,
        -- (dormant at, counts from, counts until, was active)
        arrayFilter(
            dormancy -> dormancy.2 < dormancy.3,
            arrayMap(
                (sign, next, place) -> (
                    least(
                        sign.1 + {inactivity_limit:Int64},
                        arrayFirst(churn -> sign.1 <= churn, arrayPushBack(churns, toInt64(253402300800000)))) AS ends_at,
                    greatest(ends_at, sign.2, created_at),
                    if(ends_at < next.1 OR (ends_at = next.1 AND ends_at = sign.1 + {inactivity_limit:Int64}),
                        toInt64(253402300800000),
                        next.2),
                    first_hour != 0 AND first_hour <= place),
                all_signs,
                next_signs,
                arrayEnumerate(all_signs))) AS dormancies,
        arrayFilter(dormancy -> dormancy.1 < 253402300800000, dormancies) AS real_dormancies
    FROM signs
)
SELECT
    tenant AS tenant_id,
    stretch.1 AS plan,
    row.1 AS kind,
    greatest(stretch.2, row.3) AS from_at,
    least(stretch.3, row.4) AS to_at,
    row.2 AS dormant_at,
    row.5 AS next_from,
    row.6 AS was_active
FROM dormant
ARRAY JOIN plan_stretches AS stretch
ARRAY JOIN arrayPushFront(
    arrayMap(
        (dormancy, next) -> ('dormant', dormancy.1, dormancy.2, dormancy.3, next, dormancy.4),
        real_dormancies,
        arrayResize(arrayPushBack(arrayPopFront(real_dormancies.2), toInt64(253402300800000)), length(real_dormancies))),
    ('registered', toInt64(253402300800000), created_at, toInt64(253402300800000), toInt64(253402300800000), true)) AS row
WHERE from_at < to_at
