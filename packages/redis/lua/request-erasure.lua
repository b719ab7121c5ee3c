--[[ Note that somebody is to be forgotten: known to every reader from now on, and waiting to be carried out. Asking again while it
  waits changes nothing.
  KEYS[1] asked    list    tenant and hash of everybody who was ever to be forgotten, in order
  KEYS[2] latest   hash    the same text -> id of the latest erasure
  KEYS[3] pending  hash    id of an erasure that is not complete -> JSON
  ARGV[1] subject  string  tenant and hash
  ARGV[2] id       string  id of the erasure, if it is a new one
  ARGV[3] erasure  string  JSON
  Returns the id of the erasure that waits. ]]
local asked, latest, pending = KEYS[1], KEYS[2], KEYS[3]
local subject, id, erasure = ARGV[1], ARGV[2], ARGV[3]

local before = redis.call('HGET', latest, subject)
if before and redis.call('HEXISTS', pending, before) == 1 then return before end
if not before then redis.call('RPUSH', asked, subject) end
redis.call('HSET', latest, subject, id)
redis.call('HSET', pending, id, erasure)
return id
