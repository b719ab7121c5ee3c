-- Rows of one tenant of a view for consumers, in a format that ClickHouse writes itself.
--   {{columns}}, {{time}}, {{format}} are names from the declaration of the views, never from outside.
--   view       Identifier
--   tenant_id  String
--   from, to   Nullable(Int64)  ms: rows whose time is in [from, to); null is no bound
SELECT {{columns}}
FROM {{database}}.{view:Identifier}
WHERE tenant_id = {tenant_id:String}
    AND ({from:Nullable(Int64)} IS NULL OR {{time}} >= fromUnixTimestamp64Milli(assumeNotNull({from:Nullable(Int64)}), 'UTC'))
    AND ({to:Nullable(Int64)} IS NULL OR {{time}} < fromUnixTimestamp64Milli(assumeNotNull({to:Nullable(Int64)}), 'UTC'))
FORMAT {{format}}
