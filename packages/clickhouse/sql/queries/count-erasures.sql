-- Erasures whose rows are gone.
SELECT toString(uniqExact(id)) AS erasures FROM {{database}}.erasures
