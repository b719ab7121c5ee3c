--[[ The planned insert is in ClickHouse: advance the offsets and clear the plan, together.
  KEYS[1] ledger  hash     epoch, offsets, refusals, erased records and the plan in hand
  ARGV[1] epoch   integer  the archivist's epoch
  ARGV[2] plan    string   the plan that was carried out
  ARGV[3] first   string   name of the first topic; its next offset, its refusals and its erased records follow, then the next topic, and so on
  Returns 1 if committed (or committed before), 0 if another archivist holds the partition. ]]
local ledger = KEYS[1]
local epoch, plan = ARGV[1], ARGV[2]
local first = 3

local stored = redis.call('HMGET', ledger, 'epoch', 'plan')
if stored[1] ~= epoch then return 0 end
if stored[2] ~= plan then return 1 end
for at = first, #ARGV, 4 do
  local topic, nextOffset, refused, erased = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
  redis.call('HSET', ledger, 'offset:' .. topic, nextOffset)
  redis.call('HINCRBY', ledger, 'refused:' .. topic, refused)
  if erased ~= '0' then redis.call('HINCRBY', ledger, 'erased:' .. topic, erased) end
end
redis.call('HSET', ledger, 'plan', '')
return 1
