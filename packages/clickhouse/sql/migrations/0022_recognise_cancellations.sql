-- When a customer is lost is the tenant's to define (KPI_SPEC 1.7): account_histories and account_lives as in 0017, where churn_recognition
-- says so. Those two stay as they are for views of consumers, which count by default definitions.
CREATE VIEW IF NOT EXISTS {{database}}.customer_histories AS
WITH
source_events AS
(
{{part:events_of_customers}}
{{part:events_of_members}}
),
{{part:histories_of_events}};

CREATE VIEW IF NOT EXISTS {{database}}.customer_lives AS
WITH
source_events AS
(
{{part:events_of_customers}}
),
{{part:histories_of_events}};
