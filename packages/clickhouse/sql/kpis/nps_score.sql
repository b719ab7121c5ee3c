-- nps_score (KPI_SPEC 2.7, 7.4): answers in [t - W, t), and how many of them promote and detract. Contexts are united.
--   as_of (ms), window_ms, by, filter, keep; units: units/nps_score.sql, units/nps_accounts.sql
-- Dimensions survey, context: of the answer; plan: of the account at it. An account counts once in each group, as the mean of its
-- answers there in 720,720ths, cut off.
WITH
answers AS
(
    SELECT
        at, next_at, plan, survey, context_name AS context, '' AS scale,
        [toInt64(1), class = 1, class = -1] AS amounts
    FROM ({{units:nps_score}})
),
account_means AS
(
    SELECT
        t AS of_t,
        arrayMap(
            d -> multiIf(d = 'plan', {{by:plan}}, d = 'survey', {{by:survey}}, {{by:context}}),
            {by:Array(String)}) AS of_group,
        intDiv(720720 * sum(toInt64(class)), toInt64(count())) AS score
    FROM
    (
        SELECT account_id, at, next_at, plan, survey, context_name AS context, class
        FROM ({{units:nps_accounts}})
        WHERE at < arrayMax({as_of:Array(Int64)})
            AND at >= arrayMin({as_of:Array(Int64)}) - {window_ms:Int64}
    )
    ARRAY JOIN {as_of:Array(Int64)} AS t
    WHERE at < t AND t <= least(next_at, at + {window_ms:Int64})
        AND (NOT mapContains({filter:Map(String, Array(String))}, 'plan')
            OR has({filter:Map(String, Array(String))}['plan'], plan))
        AND (NOT mapContains({filter:Map(String, Array(String))}, 'survey')
            OR has({filter:Map(String, Array(String))}['survey'], survey))
        AND (NOT mapContains({filter:Map(String, Array(String))}, 'context')
            OR has({filter:Map(String, Array(String))}['context'], context))
    GROUP BY of_t, of_group, account_id
),
by_accounts AS
(
    SELECT
        of_t,
        of_group,
        count() AS accounts,
        sum(score) AS account_scores,
        sum(toInt128(score) * score) AS account_squares
    FROM account_means
    GROUP BY of_t, of_group
)
SELECT
    toString(t) AS as_of,
    group,
    toString(sums[1]) AS responses,
    toString(sums[2]) AS promoters,
    toString(sums[3]) AS detractors,
    toString(by_accounts.accounts) AS accounts,
    toString(by_accounts.account_scores) AS account_scores,
    toString(by_accounts.account_squares) AS account_squares
FROM
(
    {{part:sums_of_answers}}
) AS answered
LEFT JOIN by_accounts ON answered.t = by_accounts.of_t AND answered.group = by_accounts.of_group
ORDER BY t, group
