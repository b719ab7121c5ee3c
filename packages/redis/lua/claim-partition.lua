--[[ Become the owner of a partition: every earlier owner is fenced from now on.
  KEYS[1] owner   hash    epoch, name, offsets and counts of the partition
  ARGV[1] worker  string  name of the new owner, for people
  Returns the whole owner hash as a flat array of names and values, the new epoch included. ]]
local owner = KEYS[1]
local worker = ARGV[1]

redis.call('HINCRBY', owner, 'epoch', 1)
redis.call('HSET', owner, 'worker', worker)
return redis.call('HGETALL', owner)
