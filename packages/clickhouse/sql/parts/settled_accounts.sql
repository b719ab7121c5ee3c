-- account_histories where neither pauses, training nor tenure matter.
{{database}}.account_histories(
    tenants = {tenants:Array(String)},
    offset_bound = {offset_bound:Map(String, Int64)},
    pause_limit = 0,
    training_courses = [],
    tenure_edges = [])
