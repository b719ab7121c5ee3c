--[[ Hold the evaluator's lease, or take it over once it has run out. A new term gets a new epoch, which fences the one before; it is
  taken from the server's clock, so that a store that was set back to an older copy never gives one out a second time.
  KEYS[1] lease     hash    holder, epoch, until (ms of the server's clock), sequence (values of this epoch), last (id of the last value)
  ARGV[1] holder    string  who asks
  ARGV[2] ttl       integer ms for which the lease is held from now
  ARGV[3] isNewTerm integer 1 to begin a new term also as the holder
  Returns {1, epoch, last} if held, {0, epoch, last} if another holds it; last is the id of the last published value, '' before the first. ]]
local lease = KEYS[1]
local holder, ttl, isNewTerm = ARGV[1], tonumber(ARGV[2]), ARGV[3] == '1'

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local current = redis.call('HMGET', lease, 'holder', 'epoch', 'until', 'last')
local epoch, last = tonumber(current[2] or '0'), current[4] or ''
if current[1] ~= holder and current[1] and tonumber(current[3]) > now then return {0, epoch, last} end
if current[1] ~= holder or isNewTerm then
  epoch = math.max(now, epoch + 1)
  redis.call('HSET', lease, 'sequence', 0)
end
redis.call('HSET', lease, 'holder', holder, 'epoch', epoch, 'until', now + ttl)
return {1, epoch, last}
