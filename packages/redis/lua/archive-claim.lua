--[[ Become the archivist of a partition: every earlier one is fenced from now on.
  The epoch is the time of the claim, so that it is new even if an older state of the store was restored in between.
  KEYS[1] ledger  hash    epoch (µs of the server's clock), offsets, refusals and the plan in hand
  ARGV[1] worker  string  name of the new archivist, for people
  Returns the whole ledger as a flat array of names and values, the new epoch included. ]]
local ledger = KEYS[1]
local worker = ARGV[1]

local time = redis.call('TIME')
local before = tonumber(redis.call('HGET', ledger, 'epoch') or '0')
local epoch = math.max(time[1] * 1000000 + time[2], before + 1)
redis.call('HSET', ledger, 'epoch', string.format('%.0f', epoch), 'worker', worker)
return redis.call('HGETALL', ledger)
