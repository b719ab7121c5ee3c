ALTER TABLE {{database}}.{table:Identifier} DROP PARTITION {generation:UUID}
