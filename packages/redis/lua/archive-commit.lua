--[[ The planned insert is in ClickHouse: advance the offsets and clear the plan, together.
  KEYS[1] ledger  hash     epoch, offsets, refusals and the plan in hand
  ARGV[1] epoch   integer  the archivist's epoch
  ARGV[2] plan    string   the plan that was carried out
  ARGV[3] first   string   name of the first topic; its next offset and its refusals follow, then the next topic, and so on
  Returns 1 if committed (or committed before), 0 if another archivist holds the partition. ]]
local ledger = KEYS[1]
local epoch, plan = ARGV[1], ARGV[2]
local first = 3

local stored = redis.call('HMGET', ledger, 'epoch', 'plan')
if stored[1] ~= epoch then return 0 end
if stored[2] ~= plan then return 1 end
for at = first, #ARGV, 3 do
  local topic, nextOffset, refused = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  redis.call('HSET', ledger, 'offset:' .. topic, nextOffset)
  redis.call('HINCRBY', ledger, 'refused:' .. topic, refused)
end
redis.call('HSET', ledger, 'plan', '')
return 1
