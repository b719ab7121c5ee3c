--[[ Make another generation of the live store the one that is read and written.
  KEYS[1] pointer string the generation in use; absent for 0
  ARGV[1] from    integer the generation that must be in use
  ARGV[2] to      integer the generation to use
  Returns 1 if switched, 0 if another one is in use. ]]
local pointer = KEYS[1]
local from, to = ARGV[1], ARGV[2]

if (redis.call('GET', pointer) or '0') ~= from then return 0 end
redis.call('SET', pointer, to)
return 1
