--[[ Record which offsets the next insert holds, before it is made. A plan stands until it is committed.
  KEYS[1] ledger  hash     epoch, offsets, refusals and the plan in hand
  ARGV[1] epoch   integer  the archivist's epoch
  ARGV[2] plan    string   JSON: the ranges of the insert
  Returns 1 if recorded (or recorded before), 0 if another archivist holds the partition, 2 if another plan is in hand. ]]
local ledger = KEYS[1]
local epoch, plan = ARGV[1], ARGV[2]

local stored = redis.call('HMGET', ledger, 'epoch', 'plan')
if stored[1] ~= epoch then return 0 end
if stored[2] and stored[2] ~= '' and stored[2] ~= plan then return 2 end
redis.call('HSET', ledger, 'plan', plan)
return 1
