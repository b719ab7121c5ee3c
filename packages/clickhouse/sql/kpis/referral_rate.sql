-- referral_rate (KPI_SPEC 2.17, 7.4): accounts active at t - W and onboarded before t, and those that referred in [t - W, t).
--   as_of (ms), window_ms, by, filter; units: units/referral_rate.sql
-- Dimension plan: at t - W. A referral counts until the next one does, so that an account counts once.
WITH spans AS
(
    SELECT
        if(kind = 'member', 'onboarded', 'referrers') AS measure,
        plan,
        greatest(from_at + {window_ms:Int64} - 1, onboarded_at, referred_at) AS span_from,
        least(
            to_at + {window_ms:Int64} - 1,
            next_referred_at,
            if(kind = 'member', toInt64(253402300800000), referred_at + {window_ms:Int64})) AS span_to
    FROM ({{units:referral_rate}})
)
SELECT
    toString(t) AS as_of,
    group,
    toString(counts['onboarded']) AS onboarded,
    toString(counts['referrers']) AS referrers
FROM
(
    {{part:counts_by_plan}}
)
