-- nps_score (KPI_SPEC 2.7, 7.4): answers in [t - W, t), and how many of them promote and detract. Contexts are united.
--   as_of (ms), window_ms, by, filter; units: units/nps_score.sql
-- Dimensions survey, context: of the answer; plan: of the account at it.
WITH answers AS
(
    SELECT
        at, next_at, plan, survey, context_name AS context, '' AS scale,
        [toInt64(1), class = 1, class = -1] AS amounts
    FROM ({{units:nps_score}})
)
SELECT
    toString(t) AS as_of,
    group,
    toString(sums[1]) AS responses,
    toString(sums[2]) AS promoters,
    toString(sums[3]) AS detractors
FROM
(
    {{part:sums_of_answers}}
)
