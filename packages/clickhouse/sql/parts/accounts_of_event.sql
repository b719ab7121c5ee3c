-- Accounts that an event names, an update of a ticket also as values of the field that changed; empty where there is none.
[
    account_id, ifNull(from_account_id, ''), ifNull(into_account_id, ''), ifNull(referred_account_id, ''),
    if(field IN ('account_id', 'organization_id'), ifNull(`from`, ''), ''),
    if(field IN ('account_id', 'organization_id'), ifNull(`to`, ''), '')]
