--[[ Take the changes that name an account out of the timeline of a user.
  KEYS[1] timelines  hash    user id -> lines, each one change
  ARGV[1] user       string  user id
  ARGV[2] lines      string  the timeline as it was read
  ARGV[3] rest       string  what is left of it; empty for nothing
  Returns 1 if done, 0 if the timeline is another by now. ]]
local timelines = KEYS[1]
local user, lines, rest = ARGV[1], ARGV[2], ARGV[3]

if redis.call('HGET', timelines, user) ~= lines then return 0 end
if rest == '' then redis.call('HDEL', timelines, user) else redis.call('HSET', timelines, user, rest) end
return 1
