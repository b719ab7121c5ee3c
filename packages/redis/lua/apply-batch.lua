--[[ Apply one batch of a topic partition: facts, deltas, counts and the offset together, or nothing.
  All checks come first: a script that fails midway is not rolled back.
  KEYS[1] owner    hash    epoch, offsets and counts of the partition, and its stale homes
  KEYS[2] series   hash    series number -> series name
  KEYS[3] deltas   hash    series number : boundary -> integer
  KEYS[4] changes  stream  what readers follow
  KEYS[5] sources  hash    tenant, event type and source -> latest occurred_at, ms
  KEYS[6] statements hash  tenant and entity -> what it states of money
  KEYS[7] homes    hash    first of one key per changed home: entity -> facts
  ARGV[1] epoch    integer the owner's epoch
  ARGV[2] place    string  name of the offset that moves; empty for a change that no record causes: its place is the sequence of changes
  ARGV[3] expected integer offset that must be stored, -1 for none yet
  ARGV[4] next     integer offset to store
  ARGV[5] before   integer changes that must have been applied before
  ARGV[6] change   string  JSON for readers
  ARGV[7] changesMax integer about how many changes readers can fall behind
  ARGV[8] sections integer first of six counts of pairs, then the pairs: series, deltas, sources, statements, counts, stale homes; then, for each home in the order of its key, a count and pairs
  Returns {1, offset} if applied, {0, epoch} if the stored epoch is another, {2, offset} if the stored offset is another, {3, sequence} if the number of changes is. ]]
local owner, series, deltas, changes, sources, statements = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local firstHome = 7
local epoch, place, expected, nextOffset = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local before, change, changesMax = ARGV[5], ARGV[6], ARGV[7]
local sections = 8

local call = redis.call
local counted = place == '' and 'sequence' or place
local holder = call('HGET', owner, 'epoch') or '0'
if holder ~= epoch then return {0, tonumber(holder)} end
local stored = call('HGET', owner, counted) or '-1'
if stored ~= expected then return {2, tonumber(stored)} end
-- The same owner, the same offset and yet fewer changes: the store lost some of another topic.
local applied = call('HGET', owner, 'sequence') or '0'
if applied ~= before then return {3, tonumber(applied)} end

local at = sections + 6
-- A call takes about 8,000 arguments; fewer at once cost no more.
local argumentsMax = 2000
local function putAll(key, count)
  local last = at + 2 * count - 1
  while at <= last do
    local stop = math.min(last, at + argumentsMax - 1)
    call('HSET', key, unpack(ARGV, at, stop))
    at = stop + 1
  end
end
-- An empty value takes the field away.
local function put(key, count)
  local last = at + 2 * count - 1
  for value = at + 1, last, 2 do
    if ARGV[value] == '' then
      for field = at, last, 2 do
        if ARGV[field + 1] == '' then call('HDEL', key, ARGV[field]) else call('HSET', key, ARGV[field], ARGV[field + 1]) end
      end
      at = last + 1
      return
    end
  end
  putAll(key, count)
end
local function pairsOf(count, apply)
  for _ = 1, count do
    apply(ARGV[at], ARGV[at + 1])
    at = at + 2
  end
end

putAll(series, tonumber(ARGV[sections]))
pairsOf(tonumber(ARGV[sections + 1]), function(field, weight)
  if call('HINCRBY', deltas, field, weight) == 0 then call('HDEL', deltas, field) end
end)
pairsOf(tonumber(ARGV[sections + 2]), function(field, seen)
  local known = call('HGET', sources, field)
  if not known or tonumber(known) < tonumber(seen) then call('HSET', sources, field, seen) end
end)
put(statements, tonumber(ARGV[sections + 3]))
pairsOf(tonumber(ARGV[sections + 4]), function(field, count) call('HINCRBY', owner, field, count) end)
put(owner, tonumber(ARGV[sections + 5]))
for home = firstHome, #KEYS do
  at = at + 1
  put(KEYS[home], tonumber(ARGV[at - 1]))
end

local sequence = call('HINCRBY', owner, 'sequence', 1)
if place ~= '' then call('HSET', owner, place, nextOffset) end
call('XADD', changes, 'MAXLEN', '~', changesMax, sequence .. '-0', 'change', change)
return {1, tonumber(nextOffset)}
