--[[ Read the facts of some homes of one partition at once.
  KEYS[1] homes    hash    first of one key per home: entity -> facts
  Returns per home a flat list of entities and their facts, in the order of the keys. ]]
local firstHome = 1
local found = {}
for home = firstHome, #KEYS do found[home] = redis.call('HGETALL', KEYS[home]) end
return found
