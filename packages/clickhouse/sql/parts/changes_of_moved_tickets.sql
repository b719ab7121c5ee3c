-- Of stretches of updates that move tickets, or once did: from when on they change values. Part of a migration: never edited. What is
-- retracted is noted already.
{{part:stretches_of_changes}}
WHERE retracts IS NULL
    AND event_type = 'support.ticket_updated'
    AND (field IN ('account_id', 'organization_id', 'requester_user_id') OR source_version != 0)
GROUP BY tenant_id, event_type, _topic, _partition, offset_thousand
