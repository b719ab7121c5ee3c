-- Accounts with their lives, where neither training nor tenure matter.
{{database}}.customer_lives(
    tenants = {tenants:Array(String)},
    offset_bound = {offset_bound:Map(String, Int64)},
    pause_limit = {pause_limit:Int64},
    churn_recognition = {churn_recognition:String},
    training_courses = [],
    tenure_edges = [])
