-- Puts job ids into a queue's ready lists, one for each tenant and priority.
-- KEYS[1] turns, KEYS[2] shares (see take.lua), KEYS[3] spilled
-- KEYS[4] bell: list of tokens, one for each job up to 32, on which idle workers wait
-- ARGV[1] prefix of the ready lists' keys; ARGV[2] how long a list may get
-- ARGV[3] 'back', or 'front' for jobs that waited before
-- then for each list: priority and tenant, how many ids, the ids, oldest first; at most 1000 ids in all
-- Returns how many ids were put in. The others found their list full: it is marked as spilled, and from then on only
-- feeding, in order of acceptance, puts ids at its back, until it has caught up.
local at_front = ARGV[3] == 'front'
local position, pushed = 4, 0
local reached = redis.call('HGET', KEYS[2], '*') or '0'
while position <= #ARGV do
    local list, count = ARGV[position], tonumber(ARGV[position + 1])
    local tenant = string.sub(list, 2)
    local key = ARGV[1] .. tenant .. ':' .. string.sub(list, 1, 1)
    local room = count
    if not at_front then
        if redis.call('HEXISTS', KEYS[3], list) == 1 then
            room = 0
        else
            room = math.max(0, math.min(count, tonumber(ARGV[2]) - redis.call('LLEN', key)))
        end
        if room > 0 then
            redis.call('LPUSH', key, unpack(ARGV, position + 2, position + 1 + room))
        end
        if room < count then
            redis.call('HINCRBY', KEYS[3], list, 1)
        end
    else
        -- The newest first, so that the oldest ends up next to be taken.
        for i = position + 1 + count, position + 2, -1 do
            redis.call('RPUSH', key, ARGV[i])
        end
    end
    redis.call('ZADD', KEYS[1], 'NX', reached, tenant)
    pushed = pushed + room
    position = position + 2 + count
end
for _ = 1, math.min(pushed, 32 - redis.call('LLEN', KEYS[4])) do
    redis.call('LPUSH', KEYS[4], '1')
end
return pushed
