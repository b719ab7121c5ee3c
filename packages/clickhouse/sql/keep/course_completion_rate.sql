INSERT INTO {{database}}.kept_course_completion_rate (generation, tenant_id, course, known_from, known_to, entry, completed_at, is_withdrawn, plan, is_customer)
SELECT {generation:UUID}, tenant_id, course, known_from, known_to, entry, completed_at, is_withdrawn, plan, is_customer
FROM ({{units:course_completion_rate}})
