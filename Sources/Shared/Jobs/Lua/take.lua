-- Moves ids from a queue to the worker that takes them, at no moment in neither; tenants take turns by weight.
-- KEYS[1] turns: sorted set of tenants, each with the virtual time of its next turn
-- KEYS[2] taken: list of what this worker took and has not claimed, oldest first
-- KEYS[3] shares: hash tenant -> weight, where it is not 1; '*' -> the virtual time that has been reached
-- KEYS[4] holds: hash tenant, or '*' for the whole queue -> held until, in milliseconds since 1970
-- KEYS[5] spilled: hash list -> how often a push found it full; only such lists ever need feeding
-- ARGV[1] how many at the most, up to 1000; ARGV[2] prefix of the ready lists' keys
-- ARGV[3] '1': what was taken before is claimed, forget it; '0': hand it out again first
-- ARGV[4] a spilled list shorter than this wants to be fed
-- Returns {taken entries, oldest first; lists that want to be fed}. An entry is priority, tenant, id, 1 + 36 + 36
-- characters; a list is priority and tenant.
--
-- Start-time fair queuing: a turn costs its tenant 1 / weight of virtual time. A tenant leaves the turns only when its
-- turn comes and nothing waits, so that one whose jobs come singly does not get ahead of those with a backlog.
local entries, hungry = {}, {}
if ARGV[3] == '1' then
    redis.call('DEL', KEYS[2])
else
    entries = redis.call('LRANGE', KEYS[2], 0, -1)
    if #entries > 0 then
        return {entries, hungry}
    end
end

local held = {}
local holds = redis.call('HGETALL', KEYS[4])
if #holds > 0 then
    local time = redis.call('TIME')
    local now = time[1] * 1000 + math.floor(time[2] / 1000)
    for i = 1, #holds, 2 do
        if tonumber(holds[i + 1]) > now then
            held[holds[i]] = true
        else
            redis.call('HDEL', KEYS[4], holds[i])
        end
    end
end
if held['*'] then
    return {entries, hungry}
end

local wanted = tonumber(ARGV[1])
-- Whoever takes many at once runs them at once: then a turn may be several jobs long, and the script is shorter.
local quantum = math.max(1, math.floor(wanted / (2 * math.max(1, redis.call('ZCARD', KEYS[1])))))
local reached = tonumber(redis.call('HGET', KEYS[3], '*') or 0)
local has_spilled = redis.call('EXISTS', KEYS[5]) == 1
local weights, passed = {}, {}

local function pop(tenant, most)
    local got = 0
    for priority = 1, 4 do
        local list = ARGV[2] .. tenant .. ':' .. priority
        if got < most then
            local ids = redis.call('RPOP', list, most - got)
            if ids then
                for _, id in ipairs(ids) do
                    entries[#entries + 1] = priority .. tenant .. id
                end
                got = got + #ids
            end
        end
        if has_spilled and redis.call('HEXISTS', KEYS[5], priority .. tenant) == 1
            and redis.call('LLEN', list) < tonumber(ARGV[4]) then
            hungry[priority .. tenant] = true
        end
    end
    return got
end

while wanted > 0 do
    local heads = redis.call('ZRANGE', KEYS[1], 0, 1, 'WITHSCORES')
    if #heads == 0 then
        break
    end
    local tenant, turn = heads[1], tonumber(heads[2])
    if held[tenant] then
        redis.call('ZREM', KEYS[1], tenant)
        passed[#passed + 1] = {turn, tenant}
    else
        local weight = weights[tenant] or tonumber(redis.call('HGET', KEYS[3], tenant) or 1)
        weights[tenant] = weight
        local share = wanted
        if heads[3] then
            local until_next = math.floor((tonumber(heads[4]) - turn) * weight) + 1
            share = math.min(wanted, math.max(until_next, math.floor(quantum * weight)))
        end
        local got = pop(tenant, share)
        if got == 0 then
            redis.call('ZREM', KEYS[1], tenant)
        else
            redis.call('ZADD', KEYS[1], string.format('%.17g', turn + got / weight), tenant)
        end
        reached = math.max(reached, turn + math.max(got - 1, 0) / weight)
        wanted = wanted - got
    end
end
for _, back in ipairs(passed) do
    redis.call('ZADD', KEYS[1], 'NX', string.format('%.17g', back[1]), back[2])
end

local feed = {}
for list in pairs(hungry) do
    feed[#feed + 1] = list
end
if #entries > 0 then
    redis.call('HSET', KEYS[3], '*', string.format('%.17g', reached))
    redis.call('RPUSH', KEYS[2], unpack(entries))
end
return {entries, feed}
