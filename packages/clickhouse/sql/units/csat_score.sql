-- Units of csat_score: valid answers, each in force until the next one's (known to t with at < t <= next_at).
--   tenants (empty means all), offset_bound, satisfied_boxes (by length of scale), latest_contexts
-- Order: validate, then latest. Scales count from their minimum, a lower-is-better scale from the bottom.
WITH valid AS
(
    SELECT
        tenant_id, account_id, user_id, source, event_id, at, survey_id, instance_id, context,
        assumeNotNull(scale_max) - assumeNotNull(scale_min) + 1 AS boxes,
        {satisfied_boxes:Map(String, Int64)}[toString(boxes)] AS top_boxes,
        if(ifNull(direction, '') = 'lower_is_better',
            assumeNotNull(score) < assumeNotNull(scale_min) + top_boxes,
            assumeNotNull(score) > assumeNotNull(scale_max) - top_boxes) AS said
    FROM {{database}}.effective_events(
        tenants = {tenants:Array(String)},
        types = ['survey.response_submitted'],
        offset_bound = {offset_bound:Map(String, Int64)})
    WHERE kind = 'csat'
        AND score IS NOT NULL AND scale_min IS NOT NULL AND scale_max IS NOT NULL
        AND scale_min <= score AND score <= scale_max
        AND boxes IN (2, 3, 5, 7, 10, 11)
)
SELECT tenant_id, at, next_at, survey, context_name, plan, said AS is_satisfied
FROM
(
    {{part:latest_answers}}
)
