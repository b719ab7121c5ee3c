--[[ Become the owner of a partition: every earlier owner is fenced from now on.
  The epoch is the time of the claim, so that it is new even if an older state of the store was restored in between.
  The epoch before and the number of changes at the claim stay: a reader who followed that epoch up to no later change goes on.
  KEYS[1] owner   hash    epoch (µs of the server's clock), name, format, offsets and counts of the partition
  ARGV[1] worker  string  name of the new owner, for people
  ARGV[2] format  string  what the new owner would write
  Returns the whole owner hash as a flat array of names and values, the new epoch included; the format found, when something was
  written in another one: then nothing has changed. ]]
local owner = KEYS[1]
local worker, format = ARGV[1], ARGV[2]

local found = redis.call('HGET', owner, 'format') or '1'
if found ~= format and redis.call('HEXISTS', owner, 'sequence') == 1 then return found end

local time = redis.call('TIME')
local before = tonumber(redis.call('HGET', owner, 'epoch') or '0')
local epoch = math.max(time[1] * 1000000 + time[2], before + 1)
local sequence = redis.call('HGET', owner, 'sequence') or '0'
redis.call('HSET', owner, 'epoch', string.format('%.0f', epoch), 'worker', worker, 'format', format,
  'epoch_before', string.format('%.0f', before), 'claimed_at', sequence)
return redis.call('HGETALL', owner)
