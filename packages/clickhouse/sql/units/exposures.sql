-- What comparisons of trained and untrained time read (STATISTICS 1): a row per account with active time or tickets, and one without
-- an account for tickets of nobody known. Who is trained is decided at the reading, because a comparison may ask for another rule.
--   tenants (empty means all), offset_bound, pause_limit, churn_recognition
--   periods      active periods (from, to)
--   plans        the plan from one change on: (from, plan)
--   completions  from when on each user is trained in each course, by a completion in the account or, for members, elsewhere:
--                (at, user, course); users are numbered within the account
--   seats        of open subscriptions, where they are known: (from, to, seats)
--   tickets      those that count: (at, until, is_of_incident), known to t with since < t <= until
--   tickets_since  since when each of them is known
-- Times are ms; 253402300800000 (the year 10000) stands for "not".
WITH
said AS
(
    -- line: what a later event replaces.
    SELECT
        tenant_id,
        account_id,
        event_type,
        at,
        event_id,
        user_id,
        ifNull(course_id, '') AS course,
        if(startsWith(event_type, 'billing.'), concat(source, '\x1F', ifNull(subscription_id, '')), event_id) AS line,
        startsWith(event_type, 'billing.') AS is_subscription,
        multiIf(
            NOT is_subscription OR event_type = 'billing.subscription_ended' OR ifNull(mrr_minor, 0) <= 0, 0,
            event_type = 'billing.subscription_updated' AND {{part:asks_for_end}}, 0,
            ifNull(quantity, 0)) AS seats
    FROM {{database}}.effective_events(
        tenants = {tenants:Array(String)},
        types = ['billing.subscription_ended', 'billing.subscription_started', 'billing.subscription_updated',
            'lms.course_completed'],
        offset_bound = {offset_bound:Map(String, Int64)})
    UNION ALL
    SELECT
        tenant_id, account_id, 'lms.course_completed', at, '', user_id, course, concat(user_id, '\x1F', course), false, 0
    FROM {{database}}.member_completions(
        tenants = {tenants:Array(String)},
        offset_bound = {offset_bound:Map(String, Int64)})
),
followed AS
(
    SELECT
        tenant_id,
        account_id,
        event_type,
        at,
        user_id,
        course,
        is_subscription,
        seats,
        leadInFrame(at, 1, toInt64(253402300800000)) OVER (
            PARTITION BY tenant_id, line, is_subscription ORDER BY at, event_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS next_at,
        toInt64(0) AS since,
        false AS is_of_incident
    FROM said
    UNION ALL
    SELECT tenant_id, account_id, 'support.ticket_created', at, '', '', false, 0, until, since, is_of_incident
    FROM {{database}}.ticket_lives(
        tenants = {tenants:Array(String)},
        offset_bound = {offset_bound:Map(String, Int64)})
    WHERE is_counted
),
facts AS
(
    SELECT
        tenant_id,
        account_id,
        -- In order of time, the first completion of a course by a user is the first of those with their names.
        arraySort(groupArrayIf((at, user_id, course), event_type = 'lms.course_completed' AND user_id != '')) AS all_completions,
        arrayDistinct(all_completions.2) AS users,
        arrayMap(
            completion -> (completion.1, toUInt32(indexOf(users, completion.2)), completion.3),
            arrayFilter(
                (completion, place) -> place = 1,
                all_completions,
                arrayEnumerateUniq(all_completions.2, all_completions.3))) AS completions_of_account,
        arraySort(groupArrayIf((at, next_at, toInt64(seats)), is_subscription AND seats > 0 AND at < next_at)) AS seats_of_account,
        arraySort(groupArrayIf((at, next_at, is_of_incident, since), event_type = 'support.ticket_created')) AS tickets_of_account
    FROM followed
    GROUP BY tenant_id, account_id
)
SELECT
    if(accounts.tenant_id = '', facts.tenant_id, accounts.tenant_id) AS tenant_id,
    if(accounts.account_id = '', facts.account_id, accounts.account_id) AS account_id,
    accounts.periods AS periods,
    accounts.plans AS plans,
    facts.completions_of_account AS completions,
    facts.seats_of_account AS seats,
    arrayMap(ticket -> (ticket.1, ticket.2, ticket.3), facts.tickets_of_account) AS tickets,
    facts.tickets_of_account.4 AS tickets_since
FROM {{part:lives_of_accounts}} AS accounts
FULL JOIN facts ON accounts.tenant_id = facts.tenant_id AND accounts.account_id = facts.account_id
WHERE NOT accounts.is_internal AND (notEmpty(accounts.periods) OR notEmpty(facts.tickets_of_account))
