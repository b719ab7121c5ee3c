-- Units of customer_effort_score: answers on a scale that says which end is good, each in force until the next one's (known to t
-- with at < t <= next_at). Scores count from 1 at the low end. scale: number of answers and the end that means little effort.
-- is_easy: on the good side of the middle.
--   tenants (empty means all), offset_bound
WITH valid AS
(
    SELECT
        tenant_id, account_id, user_id, source, event_id, at, survey_id, instance_id, context,
        assumeNotNull(scale_max) - assumeNotNull(scale_min) + 1 AS boxes,
        assumeNotNull(score) - assumeNotNull(scale_min) + 1 AS place,
        assumeNotNull(direction) = 'lower_is_better' AS is_reversed,
        (
            concat(toString(boxes), if(is_reversed, '_low', '_high')),
            toInt64(place),
            if(is_reversed, 2 * place < boxes + 1, 2 * place > boxes + 1)
        ) AS said
    FROM {{database}}.effective_events(
        tenants = {tenants:Array(String)},
        types = ['survey.response_submitted'],
        offset_bound = {offset_bound:Map(String, Int64)})
    WHERE kind = 'ces'
        AND score IS NOT NULL AND scale_min IS NOT NULL AND scale_max IS NOT NULL AND direction IS NOT NULL
        AND scale_min <= score AND score <= scale_max
        AND boxes IN (2, 3, 5, 7, 10, 11)
)
SELECT tenant_id, at, next_at, survey, context_name, plan, said.1 AS scale, said.2 AS place, said.3 AS is_easy
FROM
(
    {{part:latest_answers}}
)
