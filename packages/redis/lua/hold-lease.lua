--[[ Hold the evaluator's lease, or take it over once it has run out. A new holder gets a new epoch, which fences the old one.
  KEYS[1] lease   hash    holder, epoch, until (ms of the server's clock)
  ARGV[1] holder  string  who asks
  ARGV[2] ttl     integer ms for which the lease is held from now
  Returns {1, epoch} if held, {0, epoch} if another holds it. ]]
local lease = KEYS[1]
local holder, ttl = ARGV[1], tonumber(ARGV[2])

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local current = redis.call('HMGET', lease, 'holder', 'epoch', 'until')
local epoch = tonumber(current[2] or '0')
if current[1] ~= holder then
  if current[1] and tonumber(current[3]) > now then return {0, epoch} end
  epoch = epoch + 1
end
redis.call('HSET', lease, 'holder', holder, 'epoch', epoch, 'until', now + ttl)
return {1, epoch}
