-- From now on units are read only if they were derived without these rows.
--   id, tenant, kind, hash, requested_at (ms), events
INSERT INTO {{database}}.erasures (id, tenant_id, subject_kind, subject_hash, requested_at, events)
SELECT {id:String}, {tenant:String}, {kind:String}, {hash:String}, fromUnixTimestamp64Milli({requested_at:Int64}), {events:UInt64}
