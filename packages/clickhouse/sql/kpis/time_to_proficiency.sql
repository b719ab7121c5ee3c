-- time_to_proficiency (KPI_SPEC 2.15, 7.4): users who started onboarding in [t - W, t), how many got there, and the curve of their times.
--   as_of (ms), window_ms, clip_at (ms), by, filter; units: units/time_to_proficiency.sql
WITH people AS ({{units:time_to_proficiency}})
{{part:survival_curves}}
