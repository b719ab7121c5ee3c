INSERT INTO {{database}}.kept_referral_rate (generation, tenant_id, plan, from_at, to_at, onboarded_at, kind, referred_at, next_referred_at)
SELECT {generation:UUID}, tenant_id, plan, from_at, to_at, onboarded_at, kind, referred_at, next_referred_at
FROM ({{units:referral_rate}})
