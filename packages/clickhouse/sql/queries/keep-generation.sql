-- From now on the generation is read.
INSERT INTO {{database}}.kept_generations (generation, offset_bound, definitions, kept_at, erasures)
SELECT
    {generation:UUID}, {offset_bound:Map(String, Int64)}, {definitions:String}, fromUnixTimestamp64Milli({kept_at:Int64}, 'UTC'),
    {erasures:UInt64}
