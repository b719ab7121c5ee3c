-- Of stretches of memberships: from when on they change values. Part of a migration: never edited. What is retracted is noted already.
{{part:stretches_of_changes}}
WHERE retracts IS NULL AND event_type IN ('user.joined_account', 'user.left_account')
GROUP BY tenant_id, event_type, _topic, _partition, offset_thousand
