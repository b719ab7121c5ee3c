-- Whether there is what makes events name other accounts or users than their records do: merges; memberships, and users of whom some
-- event names no account.
SELECT
    EXISTS (SELECT 1 FROM {{database}}.merge_records WHERE kind != '') AS merges,
    EXISTS (SELECT 1 FROM {{database}}.membership_records) AS memberships,
    EXISTS (SELECT 1 FROM {{database}}.unplaced_users) AS unplaced
