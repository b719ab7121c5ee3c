--[[ Publish values that changed: keep each as the current one and append it to the stream that readers resume from. Every entry names
  the one before it, so a reader knows whether what it reads continues what it has seen.
  KEYS[1] lease     hash    the evaluator's lease
  KEYS[2] values    hash    address of a value -> JSON
  KEYS[3] stream    stream  values in the order of publication; an id is the epoch and the number within it
  ARGV[1] epoch     integer the publisher's epoch
  ARGV[2] streamMax integer about how many values readers can resume over
  ARGV[3] last      string  id of the last value, as the publisher knows it
  ARGV[4] first     string  address of the first value; its JSON follows, then the next address, and so on
  Returns {1, last} with the id of the last value now, {0, ''} if another evaluator holds the lease, {2, last} if the board stands
  elsewhere than the publisher left it. ]]
local lease, values, stream = KEYS[1], KEYS[2], KEYS[3]
local epoch, streamMax, last = ARGV[1], ARGV[2], ARGV[3]
local first = 4

local current = redis.call('HMGET', lease, 'epoch', 'sequence', 'last')
if current[1] ~= epoch then return {0, ''} end
if (current[3] or '') ~= last then return {2, current[3] or ''} end
local sequence = tonumber(current[2] or '0')
for at = first, #ARGV, 2 do
  local address, value = ARGV[at], ARGV[at + 1]
  sequence = sequence + 1
  local id = epoch .. '-' .. sequence
  redis.call('HSET', values, address, value)
  redis.call('XADD', stream, 'MAXLEN', '~', streamMax, id, 'address', address, 'value', value, 'after', last)
  last = id
end
redis.call('HSET', lease, 'sequence', sequence, 'last', last)
return {1, last}
