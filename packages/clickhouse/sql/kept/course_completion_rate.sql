SELECT course, known_from, known_to, entry, completed_at, is_withdrawn, plan, is_customer
FROM {{database}}.kept_course_completion_rate
WHERE generation = {generation:UUID} AND has({tenants:Array(String)}, tenant_id)
