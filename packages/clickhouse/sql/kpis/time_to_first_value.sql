-- time_to_first_value (KPI_SPEC 2.11, 7.4): accounts created in [t - W, t), how many got there, and the curve of their times.
--   as_of (ms), window_ms, clip_at (ms), by, filter; units: units/time_to_first_value.sql
WITH people AS ({{units:time_to_first_value}})
{{part:survival_curves}}
