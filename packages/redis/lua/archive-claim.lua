--[[ Become the archivist of a partition: every earlier one is fenced from now on.
  KEYS[1] ledger  hash    epoch, offsets, refusals and the plan in hand
  ARGV[1] worker  string  name of the new archivist, for people
  Returns the whole ledger as a flat array of names and values, the new epoch included. ]]
local ledger = KEYS[1]
local worker = ARGV[1]

redis.call('HINCRBY', ledger, 'epoch', 1)
redis.call('HSET', ledger, 'worker', worker)
return redis.call('HGETALL', ledger)
