-- activation_rate (KPI_SPEC 2.12, 7.4): accounts created in [t - H - W, t - H), and those that did the key actions within H.
--   as_of (ms), window_ms, activation_horizon_ms, by, filter; units: units/activation_rate.sql
-- Dimension plan: at creation. Imported accounts are left out.
WITH spans AS
(
    SELECT span.1 AS measure, plan, span.2 AS span_from, span.3 AS span_to
    FROM ({{units:activation_rate}})
    ARRAY JOIN if(
        is_imported,
        [('imported', created_at + {activation_horizon_ms:Int64}, created_at + {activation_horizon_ms:Int64} + {window_ms:Int64})],
        [
            ('entered', created_at + {activation_horizon_ms:Int64}, created_at + {activation_horizon_ms:Int64} + {window_ms:Int64}),
            ('immature', created_at, created_at + {activation_horizon_ms:Int64}),
            -- Without the actions in time it is empty.
            ('activated', created_at + {activation_horizon_ms:Int64},
                created_at + {activation_horizon_ms:Int64}
                + if(activated_at < created_at + {activation_horizon_ms:Int64}, {window_ms:Int64}, 0))]) AS span
)
SELECT
    toString(t) AS as_of,
    group,
    toString(counts['entered']) AS entered,
    toString(counts['activated']) AS activated,
    toString(counts['immature']) AS immature,
    toString(counts['imported']) AS imported
FROM
(
    {{part:counts_by_plan}}
)
