-- The state of accounts over time (KPI_SPEC 1.7, 7.4 on 2.3 and 2.10). Times are ms since the epoch, every period is
-- half-open [from_at, to_at), and 253402300800000 (the year 10000) stands for "not ended". A state depends on events at or
-- before its own instant only, so the part before t is what a value at t knows.

-- Test and own accounts: the last statement about it holds for all of history.
CREATE VIEW IF NOT EXISTS {{database}}.internal_accounts AS
SELECT tenant_id, account_id
FROM {{database}}.effective_events(
    tenants = {tenants:Array(String)},
    types = ['account.created'],
    offset_bound = {offset_bound:Map(String, Int64)})
WHERE account_id != ''
GROUP BY tenant_id, account_id
-- argMax passes over nulls: they state nothing.
HAVING argMax(is_internal, (at, event_id));

-- What each subscription was, from one of its events to the next. Internal accounts are left out.
CREATE VIEW IF NOT EXISTS {{database}}.subscription_states AS
WITH events AS
(
    SELECT
        tenant_id,
        account_id,
        source,
        assumeNotNull(subscription_id) AS subscription_id,
        at AS from_at,
        leadInFrame(at, 1, toInt64(253402300800000)) OVER (
            PARTITION BY tenant_id, source, subscription_id ORDER BY at, event_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS to_at,
        if(event_type = 'billing.subscription_ended', 0, ifNull(mrr_minor, 0)) AS mrr_minor,
        ifNull(currency, '') AS currency,
        ifNull(plan_id, '(none)') AS plan,
        event_type = 'billing.subscription_updated' AND ifNull(mrr_minor, 0) <= 0 AS is_pause
    FROM {{database}}.effective_events(
        tenants = {tenants:Array(String)},
        types = ['billing.subscription_started', 'billing.subscription_updated', 'billing.subscription_ended'],
        offset_bound = {offset_bound:Map(String, Int64)})
    WHERE subscription_id IS NOT NULL AND account_id != ''
)
SELECT tenant_id, account_id, source, subscription_id, from_at, to_at, mrr_minor, currency, plan, is_pause
FROM events
WHERE from_at < to_at
    AND (tenant_id, account_id) NOT IN (
        SELECT tenant_id, account_id
        FROM {{database}}.internal_accounts(
            tenants = {tenants:Array(String)},
            offset_bound = {offset_bound:Map(String, Int64)}));

-- When each account was active: maximal periods in which the MRR of its subscriptions sums to more than 0.
--   pause_limit  Int64  ms by which a period goes on when an update to MRR 0 ended it
CREATE VIEW IF NOT EXISTS {{database}}.account_intervals AS
WITH steps AS
(
    SELECT tenant_id, account_id, step.1 AS at, sum(step.2) AS change, max(step.3) AS has_pause
    FROM {{database}}.subscription_states(
        tenants = {tenants:Array(String)},
        offset_bound = {offset_bound:Map(String, Int64)})
    ARRAY JOIN [(from_at, mrr_minor, is_pause), (to_at, -mrr_minor, false)] AS step
    GROUP BY tenant_id, account_id, at
),
levels AS
(
    SELECT
        tenant_id,
        account_id,
        at,
        has_pause,
        sum(change) OVER (PARTITION BY tenant_id, account_id ORDER BY at) > 0 AS is_active
    FROM steps
),
edges AS
(
    SELECT
        tenant_id,
        account_id,
        at,
        has_pause,
        is_active,
        lagInFrame(is_active, 1, false) OVER (
            PARTITION BY tenant_id, account_id ORDER BY at
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS was_active
    FROM levels
),
periods AS
(
    SELECT
        tenant_id,
        account_id,
        is_active,
        at AS from_at,
        leadInFrame(at, 1, toInt64(253402300800000)) OVER next AS to_at,
        leadInFrame(has_pause, 1, false) OVER next AS is_paused_then
    FROM edges
    WHERE is_active != was_active
    WINDOW next AS (
        PARTITION BY tenant_id, account_id ORDER BY at
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
),
extended AS
(
    SELECT
        tenant_id,
        account_id,
        from_at,
        least(to_at + if(is_paused_then, {pause_limit:Int64}, 0), toInt64(253402300800000)) AS to_at
    FROM periods
    WHERE is_active
),
numbered AS
(
    -- A period that begins before or when the last one ends goes on with it.
    SELECT
        tenant_id,
        account_id,
        from_at,
        to_at,
        from_at > max(to_at) OVER (
            PARTITION BY tenant_id, account_id ORDER BY from_at
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS begins
    FROM extended
),
islands AS
(
    SELECT
        tenant_id,
        account_id,
        from_at,
        to_at,
        sum(begins) OVER (PARTITION BY tenant_id, account_id ORDER BY from_at) AS island
    FROM numbered
)
SELECT tenant_id, account_id, min(islands.from_at) AS from_at, max(islands.to_at) AS to_at
FROM islands
GROUP BY tenant_id, account_id, island;

-- The plan of each account from one change of its subscriptions to the next: that of the subscription open for longest,
-- ties by id; '(none)' while none is open.
CREATE VIEW IF NOT EXISTS {{database}}.account_plans AS
WITH stretches AS
(
    SELECT
        tenant_id,
        account_id,
        source,
        subscription_id,
        from_at,
        to_at,
        mrr_minor,
        plan,
        lagInFrame(mrr_minor > 0 ? to_at : 0, 1, 0) OVER (
            PARTITION BY tenant_id, account_id, source, subscription_id ORDER BY from_at
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) != from_at AS opens
    FROM {{database}}.subscription_states(
        tenants = {tenants:Array(String)},
        offset_bound = {offset_bound:Map(String, Int64)})
),
open_states AS
(
    SELECT
        tenant_id,
        account_id,
        source,
        subscription_id,
        from_at,
        to_at,
        plan,
        assumeNotNull(max(if(opens, from_at, NULL)) OVER (
            PARTITION BY tenant_id, account_id, source, subscription_id ORDER BY from_at)) AS open_since
    FROM stretches
    WHERE mrr_minor > 0
),
accounts AS
(
    SELECT
        tenant_id,
        account_id,
        -- Longest open first.
        arraySort(groupArray((open_since, subscription_id, source, plan, from_at, to_at))) AS states,
        arraySort(groupUniqArrayArray([from_at, to_at, 253402300800000])) AS instants
    FROM open_states
    GROUP BY tenant_id, account_id
)
SELECT
    tenant_id,
    account_id,
    instant AS from_at,
    next AS to_at,
    if(arrayExists(s -> s.5 <= instant AND instant < s.6, states),
        arrayFirst(s -> s.5 <= instant AND instant < s.6, states).4, '(none)') AS plan
FROM accounts
ARRAY JOIN arrayPopBack(instants) AS instant, arrayPopFront(instants) AS next;
