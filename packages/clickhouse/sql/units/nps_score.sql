-- Units of nps_score: latest answers. tenants (empty means all), offset_bound
SELECT tenant_id, at, next_at, survey, context_name, plan, class
FROM
(
    {{part:nps_answers}}
)
