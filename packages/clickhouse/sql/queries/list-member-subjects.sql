-- Subjects of a tenant after a given one that have events of some types, and how many: accounts by id (rank 0), users without an
-- account by id (rank 1), and what is about neither (rank 2, an empty id).
--   tenant_id   String
--   types       Array(String)  event types
--   referred    Bool           whether accounts that a referral names are subjects of it too
--   after_rank  UInt8
--   after       String         id; an empty one of rank 0 is before all
--   count       UInt32         subjects wanted
--   merged_accounts, into_accounts, merged_users, into_users  Array(String)  ids that stand for others
--   stay_users, stay_texts  Array(String)  where users of events that name no account belonged, as in merged_and_placed_subjects
-- An update of a ticket is one of all accounts that it names.
WITH
    if(has({merged_accounts:Array(String)}, named_account),
        {into_accounts:Array(String)}[indexOf({merged_accounts:Array(String)}, named_account)], named_account) AS account,
    if(has({merged_users:Array(String)}, user_id),
        {into_users:Array(String)}[indexOf({merged_users:Array(String)}, user_id)], user_id) AS person
SELECT
    toUInt8(multiIf(account != '', 0, person != '', 1, 2)) AS rank,
    if(account != '', account, person) AS id,
    count() AS events
FROM {{database}}.events
ARRAY JOIN multiIf(
    {referred:Bool} AND event_type = 'referral.sent' AND ifNull(referred_account_id, '') NOT IN ('', account_id),
    [account_id, ifNull(referred_account_id, '')],
    event_type = 'support.ticket_updated',
    arrayFilter(
        one -> one != '' OR account_id = '',
        arrayDistinct({{part:accounts_of_event}})),
    [if(account_id = '' AND user_id != '', {{part:placed_account}}, account_id)]) AS named_account
WHERE tenant_id = {tenant_id:String}
    AND NOT is_retraction
    AND event_type IN {types:Array(String)}
    -- Says no more than the order below, in words that the sorting key knows.
    AND (
        account_id = ''
        OR {referred:Bool} AND event_type = 'referral.sent'
        OR event_type = 'support.ticket_updated'
        OR {after_rank:UInt8} = 0
            AND (account_id > {after:String} OR account_id IN {merged_accounts:Array(String)}))
GROUP BY rank, id
HAVING (rank, id) > ({after_rank:UInt8}, {after:String})
ORDER BY rank, id
LIMIT {count:UInt32}
