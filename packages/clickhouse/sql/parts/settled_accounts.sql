-- The same where pauses do not matter either.
{{database}}.customer_lives(
    tenants = {tenants:Array(String)},
    offset_bound = {offset_bound:Map(String, Int64)},
    pause_limit = 0,
    churn_recognition = {churn_recognition:String},
    training_courses = [],
    tenure_edges = [])
