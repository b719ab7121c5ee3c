-- {{unit}}: of which KPI; the table has the columns of the units, in their order, after the generation.
INSERT INTO {{database}}.kept_{{unit}}
SELECT {generation:UUID}, units.*
FROM ({{units:{{unit}}}}) AS units
