--[[ Add membership changes to the timelines of users. A line that is there already is not added again, so repeating is harmless.
  KEYS[1] timelines  hash     user id -> lines, each one change, in order of arrival
  ARGV[i] user       string   i odd: user id
  ARGV[i+1] line     string   one change, without a line break
  Returns the number of lines added. ]]
local timelines = KEYS[1]
local added = 0
for i = 1, #ARGV, 2 do
  local user, line = ARGV[i], ARGV[i + 1]
  local lines = redis.call('HGET', timelines, user) or ''
  if not string.find('\n' .. lines .. '\n', '\n' .. line .. '\n', 1, true) then
    redis.call('HSET', timelines, user, lines == '' and line or lines .. '\n' .. line)
    added = added + 1
  end
end
return added
