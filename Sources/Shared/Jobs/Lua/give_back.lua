-- Returns what a worker took to the front of its lists, in the old order.
-- KEYS[1] taken, KEYS[2] turns, KEYS[3] shares, KEYS[4] bell (see take.lua and push.lua), KEYS[5] holds
-- ARGV[1] prefix of the ready lists' keys
-- ARGV[2] '' or whom to hold back: a tenant, or '*' for the whole queue; ARGV[3] for how many milliseconds
-- then the entries to return; none: everything in the taken list
-- Returns how many went back.
local entries = {unpack(ARGV, 4)}
if #entries == 0 then
    entries = redis.call('LRANGE', KEYS[1], 0, -1)
    redis.call('DEL', KEYS[1])
end
local reached = redis.call('HGET', KEYS[3], '*') or '0'
for i = #entries, 1, -1 do
    local priority, tenant = string.sub(entries[i], 1, 1), string.sub(entries[i], 2, 37)
    redis.call('RPUSH', ARGV[1] .. tenant .. ':' .. priority, string.sub(entries[i], 38))
    redis.call('ZADD', KEYS[2], 'NX', reached, tenant)
end
if ARGV[2] ~= '' then
    local time = redis.call('TIME')
    local now = time[1] * 1000 + math.floor(time[2] / 1000)
    redis.call('HSET', KEYS[5], ARGV[2], string.format('%.0f', now + ARGV[3]))
elseif #entries > 0 and redis.call('LLEN', KEYS[4]) < 32 then
    redis.call('LPUSH', KEYS[4], '1')
end
return #entries
