-- Accounts with the changes of their plan; neither pauses, training nor tenure matter.
SELECT tenant_id, account_id, is_internal, plans
FROM {{database}}.account_histories(
    tenants = {tenants:Array(String)},
    offset_bound = {offset_bound:Map(String, Int64)},
    pause_limit = 0,
    training_courses = [],
    tenure_edges = [])
