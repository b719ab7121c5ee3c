-- registered_churn_share (KPI_SPEC 2.4, 7.4): accounts created before t, and those that became dormant in [t - W, t).
--   as_of (ms), window_ms, by, filter; units: units/registered_churn_share.sql
-- Dimension plan: at t. A dormancy counts until the next one does, so that an account counts once however often it became dormant.
WITH spans AS
(
    SELECT span.1 AS measure, plan, from_at AS span_from, span.2 AS span_to
    FROM ({{units:registered_churn_share}})
    ARRAY JOIN arrayConcat(
        [(kind, least(to_at, dormant_at + {window_ms:Int64}, next_from))],
        if(was_active, [], [('never_active', least(to_at, dormant_at + {window_ms:Int64}))])) AS span
)
SELECT
    toString(t) AS as_of,
    group,
    toString(counts['registered']) AS registered,
    toString(counts['dormant']) AS dormant,
    toString(counts['never_active']) AS never_active
FROM
(
    {{part:counts_by_plan}}
)
