-- Units of customer_churn_rate, of accounts that are not internal:
--   tenants (empty means all), offset_bound, pause_limit, churn_recognition
--   start    a piece [from_at, to_at) of an active period with one plan; the period ends (churns) at other_from
--   lost     such a piece, and one (other_from, other_to] of its own and later times after which the account is not active
--   entered  a period that begins at from_at; the one before it ended at other_from (or long ago), it ends itself at other_to
--   mrr      a piece in which one subscription has the same MRR above 0; the period ends at other_from
-- 253402300800000 (the year 10000) stands for "not".
WITH
histories AS
(
    SELECT
        tenant_id,
        account_id,
        periods,
        pieces,
        arrayFilter(state -> state.3 > 0, states) AS paid_states,
        -- From each churn to the next start.
        arrayFilter(
            gap -> gap.1 < 253402300800000,
            arrayZip(periods.2, arrayPushBack(arrayPopFront(periods.1), 253402300800000))) AS gaps
    FROM {{part:lives_of_accounts}}
    WHERE NOT is_internal AND notEmpty(periods)
),
by_period AS
(
    SELECT
        tenant_id,
        period.1 AS started_at,
        period.2 AS ended_at,
        previous_ended_at,
        arraySlice(gaps, place) AS later_gaps,
        paid_states,
        arrayFilter(piece -> started_at <= piece.1 AND piece.1 < ended_at, pieces) AS own_pieces
    FROM histories
    ARRAY JOIN
        periods AS period,
        arrayEnumerate(periods) AS place,
        arrayPushFront(arrayPopBack(periods.2), toInt64(-9000000000000000)) AS previous_ended_at
),
facts AS
(
    SELECT
        tenant_id,
        arrayConcat(
            [('entered', own_pieces[1].5, started_at, started_at, previous_ended_at, ended_at, '', toInt64(0))],
            arrayMap(
                piece -> ('start', piece.5, piece.1, piece.2, ended_at, toInt64(253402300800000), '', toInt64(0)),
                own_pieces),
            arrayFlatten(arrayMap(
                piece -> arrayMap(
                    gap -> ('lost', piece.5, piece.1, piece.2, gap.1, gap.2, '', toInt64(0)),
                    later_gaps),
                own_pieces)),
            arrayFlatten(arrayMap(
                piece -> arrayMap(
                    state -> ('mrr', piece.5, greatest(piece.1, state.1), least(piece.2, state.2), ended_at,
                        toInt64(253402300800000), state.4, state.3),
                    arrayFilter(state -> state.1 < piece.2 AND piece.1 < state.2, paid_states)),
                own_pieces))) AS facts_of_period
    FROM by_period
)
SELECT
    tenant_id,
    fact.1 AS kind,
    fact.2 AS plan,
    fact.3 AS from_at,
    fact.4 AS to_at,
    fact.5 AS other_from,
    fact.6 AS other_to,
    fact.7 AS currency_code,
    fact.8 AS mrr
FROM facts
ARRAY JOIN facts_of_period AS fact
