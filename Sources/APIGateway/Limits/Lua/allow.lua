-- Lets as many of some requests pass as every window they are given has room for, and counts those in all of them.
-- KEYS one hash for each window: slot number -> how many requests passed in it; `slot`: the newest one that was looked
-- at; `before` and `oldest`: how many passed in the older ones, and which is the first, as of then. In a cluster all
-- keys have one hash tag.
-- ARGV how many requests; the number of slots; then for each window, in the order of KEYS: how many may pass, and its
-- milliseconds
-- Returns {how many passed; then for each window: how many may pass after these, milliseconds until there is more room,
-- and until one of those that did not pass would}. Room is at once when nothing is counted, else when the oldest slot
-- leaves; 0 where nobody was refused.
--
-- Time is cut into slots, window / slots long. A window is the slot of now and as many whole slots before it: never
-- less than the window, so more than the quota never passes within it; at most one slot more, so a request may be
-- refused for one slot too long. A hash has at most slots + 4 fields, and is gone when its window has passed. All of it
-- is read once in a slot, and when it is full.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local wanted, slots = tonumber(ARGV[1]), tonumber(ARGV[2])

-- The slots of a window with their counts, oldest first, without what has left it.
local function read(key, current)
    local fields, used, stale = redis.call('HGETALL', key), {}, {}
    for i = 1, #fields, 2 do
        local slot = tonumber(fields[i])
        -- A slot far ahead is of a clock that has been set back since.
        if slot and (slot < current - slots or slot > current + slots) then
            stale[#stale + 1] = fields[i]
        elseif slot then
            used[#used + 1] = {slot, tonumber(fields[i + 1])}
        end
    end
    if #stale > 0 then
        redis.call('HDEL', key, unpack(stale))
    end
    table.sort(used, function(a, b) return a[1] < b[1] end)
    return used
end

-- Begins a slot: sums up what is before it.
local function begin(key, current, width)
    local before, oldest, here = 0, current, 0
    for _, each in ipairs(read(key, current)) do
        oldest = math.min(oldest, each[1])
        if each[1] == current then
            here = each[2]
        else
            before = before + each[2]
        end
    end
    redis.call('HSET', key, 'slot', string.format('%.0f', current), 'before', before,
        'oldest', string.format('%.0f', oldest))
    redis.call('PEXPIRE', key, math.ceil((slots + 2) * width))
    return before, oldest, here
end

-- Milliseconds until so many slots have left that one more may pass.
local function untilRoom(key, current, width, quota, total)
    local wait, left = 0, total
    for _, each in ipairs(read(key, current)) do
        wait, left = (each[1] + slots + 1) * width - now, left - each[2]
        if left < quota then
            break
        end
    end
    return wait
end

local names, totals, oldests, passed = {}, {}, {}, wanted
for i = 1, #KEYS do
    local width = ARGV[2 * i + 2] / slots
    local current = math.floor(now / width)
    local name = string.format('%.0f', current)
    local known = redis.call('HMGET', KEYS[i], 'slot', 'before', 'oldest', name)
    local before, oldest, here
    if known[1] == name then
        before, oldest, here = tonumber(known[2]), tonumber(known[3]), tonumber(known[4] or 0)
    else
        before, oldest, here = begin(KEYS[i], current, width)
    end
    names[i], totals[i], oldests[i] = name, before + here, oldest
    passed = math.max(0, math.min(passed, ARGV[2 * i + 1] - totals[i]))
end

local answer = {passed}
for i = 1, #KEYS do
    local quota, width, total, refused = tonumber(ARGV[2 * i + 1]), ARGV[2 * i + 2] / slots, totals[i] + passed, 0
    if passed > 0 then
        redis.call('HINCRBY', KEYS[i], names[i], passed)
    end
    if passed < wanted and total >= quota then
        refused = untilRoom(KEYS[i], tonumber(names[i]), width, quota, total)
    end
    answer[3 * i - 1] = math.max(0, quota - total)
    answer[3 * i] = total > 0 and math.ceil((oldests[i] + slots + 1) * width - now) or 0
    answer[3 * i + 1] = math.ceil(refused)
end
return answer
