    -- Columns after that of the account, of events that count, with users and referred accounts that were merged named by their roots.
    if(empty(merged.3), events.user_id,
        transform(concat(tenant_id, '\x1F', events.user_id), merged.3, merged.4, events.user_id)) AS user_id,
    anonymous_id, external_ids, pii_class,
    account_name, action, amount_minor, amount_net_minor, assessment_id, attempt, base, cancel_at, category,
    certificate_id, change_reason, channel, context, course_id, course_version, currency, date, direction, domain,
    ended_reason, enrolment_id, expires_at, feature, field, flow_id, `from`, from_account_id, from_user_id, imported,
    incident_id, instance_id, into_account_id, into_user_id, invitee_domain, invitee_hash, invoice_id,
    is_customer_initiated, is_internal, is_support, is_value_event, kind, lesson_id, manual, margin, merged_into,
    mrr_minor, passed, period_end, period_start, plan, plan_id, price_minor, priority, product_id, progress,
    purchase_count, quantity, question_id, quote, rate, reason, referral_id,
    if(empty(merged.1) OR isNull(events.referred_account_id), events.referred_account_id,
        transform(concat(tenant_id, '\x1F', assumeNotNull(events.referred_account_id)), merged.1, merged.2,
            assumeNotNull(events.referred_account_id))) AS referred_account_id,
    requester_user_id,
    role, scale_max, scale_min, score, score_scaled, source_channel, spend_id, step, subject_id, subscription_id,
    success, survey_id, tax_minor, ticket_id, `to`, valid_from, attributes, _topic, _partition, _offset
FROM {{database}}.events
WHERE NOT is_retraction
    AND event_type IN {types:Array(String)}
    AND (empty({tenants:Array(String)}) OR tenant_id IN {tenants:Array(String)})
    AND (empty({offset_bound:Map(String, Int64)})
        OR _offset < {offset_bound:Map(String, Int64)}[concat(_topic, ':', toString(_partition))])
    AND (_topic, _partition, _offset) NOT IN (
        SELECT _topic, _partition, _offset
        FROM {{database}}.superseded_rows(
            tenants = {tenants:Array(String)},
            types = {types:Array(String)},
            offset_bound = {offset_bound:Map(String, Int64)}))
    AND (tenant_id, source, event_id) NOT IN (
        SELECT tenant_id, source, event_id
        FROM {{database}}.retracted_events(
            tenants = {tenants:Array(String)},
            offset_bound = {offset_bound:Map(String, Int64)}))
