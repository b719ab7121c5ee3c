-- customer_effort_score (KPI_SPEC 2.14, 7.4): answers in [t - W, t), their sum and sum of squares, and how many found it easy.
--   as_of (ms), window_ms, by, filter; units: units/customer_effort_score.sql
-- Only the scale `7_high` (CES 2.0) is read unless scale is in the filter or the grouping; contexts are united. Dimensions survey,
-- context, scale: of the answer; plan: of the account at it.
WITH answers AS
(
    SELECT
        at, next_at, plan, survey, context_name AS context, scale,
        [toInt64(1), place, place * place, is_easy] AS amounts
    FROM ({{units:customer_effort_score}})
    WHERE scale = '7_high'
        OR mapContains({filter:Map(String, Array(String))}, 'scale')
        OR has({by:Array(String)}, 'scale')
)
SELECT
    toString(t) AS as_of,
    group,
    toString(sums[1]) AS responses,
    toString(sums[2]) AS score_sum,
    toString(sums[3]) AS score_squares,
    toString(sums[4]) AS easy
FROM
(
    {{part:sums_of_answers}}
)
