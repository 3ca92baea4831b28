-- Lets one request pass if every window it is given has room, and counts it in all of them; otherwise in none.
-- KEYS one hash for each window: slot number -> how many requests passed in it; all keys of one hash tag
-- ARGV for each window, in the order of KEYS: how many may pass, the window in milliseconds, its number of slots
-- Returns {1 or 0: passed or not; then for each window: how many may pass after this one, and milliseconds until there
-- is more room: at once when nothing is counted, else when the oldest slot leaves, or, in a window without room, when
-- enough slots have left}.
--
-- Time is cut into slots, window / slots long. A window is the slot of now and as many whole slots before it: never
-- less than the window, so more than the quota never passes within it; at most one slot more, so a request may be
-- refused for one slot too long. A hash has at most slots + 1 fields, and is gone when its window has passed.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local windows, passes = {}, 1

for i, key in ipairs(KEYS) do
    local quota, length = tonumber(ARGV[3 * i - 2]), tonumber(ARGV[3 * i - 1])
    local slots = tonumber(ARGV[3 * i])
    local width = length / slots
    local current = math.floor(now / width)
    local window = {quota = quota, slots = slots, width = width, current = current, total = 0, used = {}}
    local fields, stale = redis.call('HGETALL', key), {}
    for j = 1, #fields, 2 do
        local slot = tonumber(fields[j])
        -- A slot far ahead is of a clock that has been set back since.
        if slot < current - slots or slot > current + slots then
            stale[#stale + 1] = fields[j]
        else
            window.used[#window.used + 1] = {slot, tonumber(fields[j + 1])}
            window.total = window.total + tonumber(fields[j + 1])
        end
    end
    if #stale > 0 then
        redis.call('HDEL', key, unpack(stale))
    end
    table.sort(window.used, function(a, b) return a[1] < b[1] end)
    if window.total >= quota then
        passes = 0
    end
    windows[i] = window
end

local answer = {passes}
for i, window in ipairs(windows) do
    if passes == 1 then
        redis.call('HINCRBY', KEYS[i], string.format('%.0f', window.current), 1)
        redis.call('PEXPIRE', KEYS[i], math.ceil((window.slots + 1) * window.width))
        window.total = window.total + 1
        if #window.used == 0 then
            window.used[1] = {window.current, 1}
        end
    end
    local wait, left = 0, window.total
    for _, used in ipairs(window.used) do
        wait, left = (used[1] + window.slots + 1) * window.width - now, left - used[2]
        if passes == 1 or left < window.quota then
            break
        end
    end
    answer[#answer + 1] = math.max(0, window.quota - window.total)
    answer[#answer + 1] = math.ceil(wait)
end
return answer
