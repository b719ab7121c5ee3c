-- csat_score (KPI_SPEC 2.6, 7.4): answers in [t - W, t), and how many of them are satisfied.
--   as_of (ms), window_ms, by, filter; units: units/csat_score.sql
-- Only `general` is read unless context is in the filter or the grouping. Dimensions survey, context: of the answer; plan: of the
-- account at it.
WITH answers AS
(
    SELECT at, next_at, plan, survey, context_name AS context, '' AS scale, [toInt64(1), is_satisfied] AS amounts
    FROM ({{units:csat_score}})
    WHERE context = 'general'
        OR mapContains({filter:Map(String, Array(String))}, 'context')
        OR has({by:Array(String)}, 'context')
)
SELECT toString(t) AS as_of, group, toString(sums[1]) AS responses, toString(sums[2]) AS satisfied
FROM
(
    {{part:sums_of_answers}}
)
