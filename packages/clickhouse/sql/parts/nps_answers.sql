-- Answers from 0 to 10 where 10 is best, each in force until the next one's (known to t with at < t <= next_at), with the account
-- that it is of, '' for none. The ends of the scale need not be stated. class: 1 promotes (9, 10), -1 detracts (0 to 6), 0 is
-- passive.
--   tenants (empty means all), offset_bound
WITH valid AS
(
    SELECT
        tenant_id, account_id, user_id, source, event_id, at, survey_id, instance_id, context,
        toInt8(multiIf(assumeNotNull(score) >= 9, 1, assumeNotNull(score) <= 6, -1, 0)) AS said
    FROM {{database}}.effective_events(
        tenants = {tenants:Array(String)},
        types = ['survey.response_submitted'],
        offset_bound = {offset_bound:Map(String, Int64)})
    WHERE kind = 'nps'
        AND score IS NOT NULL AND score BETWEEN 0 AND 10
        AND ifNull(scale_min, 0) = 0 AND ifNull(scale_max, 10) = 10
        AND ifNull(direction, '') != 'lower_is_better'
)
SELECT tenant_id, account, at, next_at, survey, context_name, plan, said AS class
FROM
(
    {{part:latest_answers}}
)
