-- Fills up a list that has spilled, in order of acceptance.
-- KEYS[1] the ready list, KEYS[2] turns, KEYS[3] shares, KEYS[4] spilled, KEYS[5] bell (see take.lua and push.lua)
-- KEYS[6] fed: hash list -> the `seq` of the last row that was fed
-- ARGV[1] the list: priority and tenant; ARGV[2] how long it may get
-- ARGV[3] what `spilled` said before the rows were read, '' for nothing; ARGV[4] '1': there are no more rows behind
-- these
-- ARGV[5] the `seq` of the last of these rows; then ids, oldest first, at most 5000
-- Returns how many ids were put in; ids that the list holds already are left out.
local ids, known = {}, {}
for _, id in ipairs(redis.call('LRANGE', KEYS[1], 0, -1)) do
    known[id] = true
end
for i = 6, #ARGV do
    if not known[ARGV[i]] then
        ids[#ids + 1] = ARGV[i]
    end
end
local room = tonumber(ARGV[2]) - redis.call('LLEN', KEYS[1])
if #ids > room then
    return 0
end
for first = 1, #ids, 1000 do
    redis.call('LPUSH', KEYS[1], unpack(ids, first, math.min(first + 999, #ids)))
end
if ARGV[4] == '1' and (redis.call('HGET', KEYS[4], ARGV[1]) or '') == ARGV[3] then
    -- Caught up, and no push was turned away in the meantime.
    redis.call('HDEL', KEYS[4], ARGV[1])
    redis.call('HDEL', KEYS[6], ARGV[1])
else
    redis.call('HSETNX', KEYS[4], ARGV[1], 1)
    redis.call('HSET', KEYS[6], ARGV[1], ARGV[5])
end
if #ids > 0 then
    redis.call('ZADD', KEYS[2], 'NX', redis.call('HGET', KEYS[3], '*') or '0', string.sub(ARGV[1], 2))
    for _ = 1, math.min(#ids, 32 - redis.call('LLEN', KEYS[5])) do
        redis.call('LPUSH', KEYS[5], '1')
    end
end
return #ids
