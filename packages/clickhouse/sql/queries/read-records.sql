-- Records of one partition of a topic as events: times in ms, a key that is empty is none,
-- and a version that was negative is so again.
--   topic      String
--   partition  UInt32
--   from, to   Int64          offsets, `to` exclusive
--   types      Array(String)  event types wanted; whatever takes another event back is wanted too
SELECT
    `_offset`, `event_id`, `event_type`, toInt32(`schema_version`) AS `schema_version`, `source`, `source_event_type`, `source_version`,
    toUnixTimestamp64Milli(`occurred_at`) AS `occurred_at`, toUnixTimestamp64Milli(`received_at`) AS `received_at`,
    `tenant_id`, nullIf(`account_id`, '') AS `account_id`, nullIf(`user_id`, '') AS `user_id`, `anonymous_id`,
    `external_ids`, `retracts`, `pii_class`, `account_name`, `action`, `amount_minor`, `amount_net_minor`,
    `assessment_id`, `attempt`, `base`, toUnixTimestamp64Milli(`cancel_at`) AS `cancel_at`, `category`,
    `certificate_id`, `change_reason`, `channel`, `context`, `course_id`, `course_version`, `currency`, `date`,
    `direction`, `domain`, `ended_reason`, `enrolment_id`, toUnixTimestamp64Milli(`expires_at`) AS `expires_at`,
    `feature`, `field`, `flow_id`, `from`, `from_account_id`, `from_user_id`, `imported`, `incident_id`,
    `instance_id`, `into_account_id`, `into_user_id`, `invitee_domain`, `invitee_hash`, `invoice_id`,
    `is_customer_initiated`, `is_internal`, `is_support`, `is_value_event`, `kind`, `lesson_id`, `manual`, `margin`,
    `merged_into`, `mrr_minor`, `passed`, toUnixTimestamp64Milli(`period_end`) AS `period_end`,
    toUnixTimestamp64Milli(`period_start`) AS `period_start`, `plan`, `plan_id`, `price_minor`, `priority`,
    `product_id`, `progress`, `purchase_count`, `quantity`, `question_id`, `quote`, `rate`, `reason`, `referral_id`,
    `referred_account_id`, `requester_user_id`, `role`, `scale_max`, `scale_min`, `score`, `score_scaled`,
    `source_channel`, `spend_id`, `step`, `subject_id`, `subscription_id`, `success`, `survey_id`, `tax_minor`,
    `ticket_id`, `to`, toUnixTimestamp64Milli(`valid_from`) AS `valid_from`, `attributes`
FROM {{database}}.events
WHERE _topic = {topic:String}
    AND _partition = {partition:UInt32}
    AND _offset >= {from:Int64}
    AND _offset < {to:Int64}
    AND (is_retraction OR event_type IN {types:Array(String)})
ORDER BY _offset
