-- Units of time_to_proficiency: users who started onboarding, but for those of internal accounts.
--   tenants (empty means all), offset_bound, pause_limit, churn_recognition, proficiency_courses (empty means any one)
--   origin      first start; plan: of the account at it
--   reached_at  when all courses were first completed
--   lost_at     end of the first active period of the account that ends at or after the start
-- 253402300800000 (the year 10000) stands for "not".
WITH
said AS
(
    SELECT
        tenant_id,
        user_id,
        minIf(at, event_type = 'onboarding.started') AS origin,
        argMinIf(account_id, (at, event_id, source), event_type = 'onboarding.started') AS account,
        groupArrayIf((ifNull(course_id, ''), at), event_type = 'lms.course_completed') AS completions,
        arrayMax(arrayMap(
            course -> arrayMin(arrayPushBack(
                arrayMap(
                    completion -> completion.2,
                    arrayFilter(completion -> course = '' OR completion.1 = course, completions)),
                toInt64(253402300800000))),
            if(empty({proficiency_courses:Array(String)}), [''], {proficiency_courses:Array(String)}))) AS reached_at
    FROM {{database}}.effective_events(
        tenants = {tenants:Array(String)},
        types = ['onboarding.started', 'lms.course_completed'],
        offset_bound = {offset_bound:Map(String, Int64)})
    WHERE user_id != ''
    GROUP BY tenant_id, user_id
    HAVING countIf(event_type = 'onboarding.started') > 0
)
{{part:followed_until}}
