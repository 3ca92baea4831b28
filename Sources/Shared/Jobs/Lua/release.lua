-- Lets go of what was held back, because something that counted against its limit has ended.
-- KEYS[1] holds, KEYS[2] bell (see take.lua and push.lua)
-- ARGV    tenants, or '*' for the whole queue
-- Returns how many holds there were.
local count = redis.call('HDEL', KEYS[1], unpack(ARGV))
if count > 0 and redis.call('LLEN', KEYS[2]) < 32 then
    redis.call('LPUSH', KEYS[2], '1')
end
return count
