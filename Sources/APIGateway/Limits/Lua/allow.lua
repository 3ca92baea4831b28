-- Lets as many of some requests pass as every window they are given has room for, and counts those in all of them.
-- KEYS one hash for each window: `slot`: the newest slot that was looked at; `here`, `last`: how many requests passed
-- in it, and when the last of them did; `before`: how many passed in the older ones, as of then; `leave`: when the
-- first of these leaves; and for each of these, by its number, `count:last`. Times are milliseconds since 1970. In a
-- cluster all keys have one hash tag.
-- ARGV how many requests; the number of slots; then for each window, in the order of KEYS: how many may pass, and its
-- milliseconds
-- Returns {how many passed; then for each window: how many may pass after these, milliseconds until there is more room,
-- and until one of those that did not pass would}. Room is at once when nothing is counted, else when the oldest slot
-- leaves, never later than in a whole window; 0 where nobody was refused.
--
-- Time is cut into slots, window / slots long. What passed in a slot leaves together, a window after the last of it:
-- never sooner, so more than the quota never passes within a window; at most one slot later, so a request may be
-- refused for one slot too long. A hash has at most slots + 5 fields, and is gone when its window has passed. The older
-- slots are read once in a slot, when one of them leaves, and when the window is full.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local wanted, slots = tonumber(ARGV[1]), tonumber(ARGV[2])

local function digits(number)
    return string.format('%.0f', number)
end

-- The slots of a window but for the newest, oldest first, without what has left it.
local function read(key, current, window)
    local fields, used, stale = redis.call('HGETALL', key), {}, {}
    for i = 1, #fields, 2 do
        local slot = tonumber(fields[i])
        if slot then
            local count, last = string.match(fields[i + 1], '^(%d+):(%d+)$')
            -- The clock may have been set back since; a slot far ahead is forgotten.
            if count and last + window > now and slot <= current + slots then
                used[#used + 1] = {slot = slot, count = tonumber(count), last = math.min(tonumber(last), now)}
            else
                stale[#stale + 1] = fields[i]
            end
        end
    end
    if #stale > 0 then
        redis.call('HDEL', key, unpack(stale))
    end
    table.sort(used, function(a, b) return a.slot < b.slot end)
    return used
end

-- Begins a slot, or goes on with it when an older one has left. `known` is what was read of the window.
local function begin(key, current, window, known)
    local slot, here, last = tonumber(known[1]), tonumber(known[4]) or 0, tonumber(known[5]) or 0
    if slot ~= current then
        if here > 0 then
            redis.call('HSET', key, digits(slot), digits(here) .. ':' .. digits(last))
        end
        here, last = 0, 0
    end
    local before, leave = 0, 0
    for _, each in ipairs(read(key, current, window)) do
        if each.slot == current then
            -- The clock was set back, and comes here for the second time.
            here, last = each.count, each.last
            redis.call('HDEL', key, digits(current))
        else
            leave = before == 0 and each.last + window or leave
            before = before + each.count
        end
    end
    redis.call('HSET', key, 'slot', current, 'before', before, 'leave', leave, 'here', here, 'last', last)
    redis.call('PEXPIRE', key, math.ceil((slots + 2) * window / slots))
    return before, leave, here, last
end

-- Milliseconds until so many slots have left that one more may pass.
local function untilRoom(key, window, quota, total, last)
    for _, each in ipairs(read(key, math.floor(now * slots / window), window)) do
        total = total - each.count
        if total < quota then
            return each.last + window - now
        end
    end
    return last + window - now
end

local befores, leaves, heres, lasts, passed = {}, {}, {}, {}, wanted
for i = 1, #KEYS do
    local window = tonumber(ARGV[2 * i + 2])
    local current = math.floor(now * slots / window)
    local known = redis.call('HMGET', KEYS[i], 'slot', 'before', 'leave', 'here', 'last')
    local before, leave, here, last
    if tonumber(known[1]) == current and known[5] and (known[2] == '0' or now < tonumber(known[3])) then
        before, leave, here, last = tonumber(known[2]), tonumber(known[3]), tonumber(known[4]), tonumber(known[5])
    else
        before, leave, here, last = begin(KEYS[i], current, window, known)
    end
    befores[i], leaves[i], heres[i], lasts[i] = before, leave, here, last
    passed = math.max(0, math.min(passed, ARGV[2 * i + 1] - before - here))
end

local answer = {passed}
for i = 1, #KEYS do
    local quota, window, here, last = tonumber(ARGV[2 * i + 1]), tonumber(ARGV[2 * i + 2]), heres[i], lasts[i]
    if passed > 0 then
        here, last = here + passed, now
        redis.call('HSET', KEYS[i], 'here', here, 'last', now)
    end
    local total, refused = befores[i] + here, 0
    if passed < wanted and total >= quota then
        refused = untilRoom(KEYS[i], window, quota, total, last)
    end
    local leave = befores[i] > 0 and leaves[i] or last + window
    answer[3 * i - 1] = math.max(0, quota - total)
    answer[3 * i] = total > 0 and math.min(window, leave - now) or 0
    answer[3 * i + 1] = math.min(window, refused)
end
return answer
