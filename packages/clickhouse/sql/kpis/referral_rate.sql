-- referral_rate (KPI_SPEC 2.17, 7.4): accounts active at t - W and onboarded before t, and those that referred in [t - W, t); accounts
-- first referred in [t - H - W, t - H) that were no customers before, and those that became one within H.
--   as_of (ms), window_ms, referral_horizon_ms, by, filter; units: units/referral_rate.sql, units/referred_accounts.sql
-- Dimension plan: at t - W; of a referred account at the referral. A referral counts until the next one does, so that an account counts once.
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
    UNION ALL
    SELECT span.1 AS measure, plan, span.2 AS span_from, span.3 AS span_to
    FROM ({{units:referred_accounts}})
    ARRAY JOIN if(
        customer_since < referred_at,
        [('customers_already', referred_at + {referral_horizon_ms:Int64},
            referred_at + {referral_horizon_ms:Int64} + {window_ms:Int64})],
        [
            ('entered', referred_at + {referral_horizon_ms:Int64},
                referred_at + {referral_horizon_ms:Int64} + {window_ms:Int64}),
            ('immature', referred_at, referred_at + {referral_horizon_ms:Int64}),
            -- Of one that became no customer in time it is empty.
            ('converted', referred_at + {referral_horizon_ms:Int64},
                referred_at + {referral_horizon_ms:Int64}
                + if(customer_since < referred_at + {referral_horizon_ms:Int64}, {window_ms:Int64}, 0))]) AS span
)
SELECT
    toString(t) AS as_of,
    group,
    toString(counts['onboarded']) AS onboarded,
    toString(counts['referrers']) AS referrers,
    toString(counts['entered']) AS entered,
    toString(counts['converted']) AS converted,
    toString(counts['immature']) AS immature,
    toString(counts['customers_already']) AS customers_already
FROM
(
    {{part:counts_by_plan}}
)
