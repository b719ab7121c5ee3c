SELECT plan, from_at, to_at, onboarded_at, kind, referred_at, next_referred_at
FROM {{database}}.kept_referral_rate
WHERE generation = {generation:UUID} AND has({tenants:Array(String)}, tenant_id)
