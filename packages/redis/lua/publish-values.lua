--[[ Publish values that changed: keep each as the current one and append it to the stream that readers resume from.
  KEYS[1] lease     hash    the evaluator's lease
  KEYS[2] values    hash    address of a value -> JSON
  KEYS[3] stream    stream  values in the order of publication; its ids are the sequence numbers
  ARGV[1] epoch     integer the publisher's epoch
  ARGV[2] streamMax integer about how many values readers can resume over
  ARGV[3] first     string  address of the first value; its JSON follows, then the next address, and so on
  Returns the last sequence number, or -1 if another evaluator holds the lease. ]]
local lease, values, stream = KEYS[1], KEYS[2], KEYS[3]
local epoch, streamMax = ARGV[1], ARGV[2]
local first = 3

if redis.call('HGET', lease, 'epoch') ~= epoch then return -1 end
local sequence = tonumber(redis.call('HGET', lease, 'sequence') or '0')
for at = first, #ARGV, 2 do
  local address, value = ARGV[at], ARGV[at + 1]
  sequence = sequence + 1
  redis.call('HSET', values, address, value)
  redis.call('XADD', stream, 'MAXLEN', '~', streamMax, sequence .. '-0', 'address', address, 'value', value)
end
redis.call('HSET', lease, 'sequence', sequence)
return sequence
