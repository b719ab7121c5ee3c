-- Units of nps_score.account: latest answers that are of an account. tenants (empty means all), offset_bound
SELECT tenant_id, account AS account_id, at, next_at, survey, context_name, plan, class
FROM
(
    {{part:nps_answers}}
)
WHERE account != ''
