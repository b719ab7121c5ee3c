--[[ Become the owner of a partition: every earlier owner is fenced from now on.
  The epoch is the time of the claim, so that it is new even if an older state of the store was restored in between.
  KEYS[1] owner   hash    epoch (µs of the server's clock), name, offsets and counts of the partition
  ARGV[1] worker  string  name of the new owner, for people
  Returns the whole owner hash as a flat array of names and values, the new epoch included. ]]
local owner = KEYS[1]
local worker = ARGV[1]

local time = redis.call('TIME')
local before = tonumber(redis.call('HGET', owner, 'epoch') or '0')
local epoch = math.max(time[1] * 1000000 + time[2], before + 1)
redis.call('HSET', owner, 'epoch', string.format('%.0f', epoch), 'worker', worker)
return redis.call('HGETALL', owner)
