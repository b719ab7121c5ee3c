-- The state of accounts over time (KPI_SPEC 1.7, 7.4 on 2.3 and 2.10): one row per account, because every KPI needs several
-- sides of it and a view that is named twice is read twice.
-- Times are ms since the epoch, every period is half-open [from, to), and 253402300800000 (the year 10000) stands for "not
-- ended". A state depends on events at or before its own instant only, so the part before t is what a value at t knows.
--   pause_limit       Int64          ms by which an active period goes on when an update to MRR 0 ended it
--   training_courses  Array(String)  courses whose completion trains an account; empty means any
--   tenure_edges      Array(Int64)   inner edges of the tenure buckets in ms, ascending; tenure restarts with each period
-- Columns:
--   is_internal  test or own account: the last statement about it holds for all of history
--   states       what each subscription was, from one of its events to the next:
--                (from, to, mrr_minor, currency, plan, subscription_id, source)
--   periods      maximal periods in which the MRR of all subscriptions sums to more than 0: (from, to)
--   plans        the plan from one change on: (from, plan); that of the subscription open for longest, ties by id, '(none)'
--                while none is open
--   trained_at   the first qualifying completion, from which on the account is trained for good
--   pieces       the active periods, cut where training, tenure bucket or plan change (STATISTICS 1), so that all three are
--                constant in a piece: (from, to, trained, tenure, plan); trained is 'true' or 'false', tenure '0-28' or '364+'
CREATE VIEW IF NOT EXISTS {{database}}.account_histories AS
WITH
source_events AS
(
{{part:events_of_accounts}}
),
{{part:histories_of_events}};
