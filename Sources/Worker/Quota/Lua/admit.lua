-- Says whether a request may go out to a provider now; if not, gives it a place in time at which to ask again.
-- KEYS[1] a hash of the whole project, [2] a hash of the account, [3] a list of the account's places. One hash tag.
-- A hash has a field for each second in which something went out: how many; `first`: no older one is counted; `last`:
-- the newest; `sum`: of all that are; `closed`: nothing goes out until then; `queue`, `line`: the last place that was
-- given to background and to interactive requests; the project's also `born`. The project's never expires: when it is
-- not there, what went out lately is not known. The list holds places that were given to background requests, oldest
-- first. Times are milliseconds since 1970, seconds whole ones.
-- ARGV[1] the window in seconds; [2], [3] how many may go out within it, and [4], [5] how many with those of background
-- requests: project, account; [6] `background` or `interactive`; [7] the time, only in tests
-- Returns {'now', '0'} or {'later', milliseconds}
--
-- A second leaves the window as a whole: within any (window - 1) seconds of real time no more goes out than the limit.
-- Places of one class are given out no closer than the limit lets them pass. Who comes back at its place goes before
-- those who come for the first time: these pass only when there is room for all who wait as well. When the project's
-- hash is new, its limit grows from a tenth to the whole within one window, as it would if what went out before then
-- had been spread evenly over one.
local window, kind = tonumber(ARGV[1]), ARGV[6]
local isBackground = kind == 'background'
-- Milliseconds: who comes so `early` has come to its place; one that is so `late` is still waited for; a place that
-- nobody came for is forgotten after `patience`. Seconds: a round of places takes so much longer than the window that
-- those of the round before have left it, also when they came late.
local early, late, patience, slack, mostPlaces = 1000, 1000, 120000, 2, 1000

local function clock()
    if ARGV[7] then
        return tonumber(ARGV[7])
    end
    local time = redis.call('TIME')
    return time[1] * 1000 + time[2] / 1000
end

local now = clock()
local second = math.floor(now / 1000)

local function digits(number)
    return string.format('%.0f', number)
end

local function fine(number)
    return string.format('%.3f', number)
end

-- Up to a window's seconds from one on, and what is counted in them.
local function counted(key, from, to)
    local names = {}
    for each = from, math.min(to, from + window - 1) do
        names[#names + 1] = digits(each)
    end
    return names, #names > 0 and redis.call('HMGET', key, unpack(names)) or {}
end

-- What is known of a hash, without the seconds that have left.
local function read(key, limit, share)
    local last = tonumber(redis.call('HGET', key, 'last')) or 0
    if last > second + window then
        -- The clock was set back: nothing would leave for long.
        redis.call('DEL', key)
        last = 0
    end
    local at = math.max(second, last)
    local known = redis.call('HMGET', key, 'first', 'sum', 'closed', isBackground and 'queue' or 'line', 'born')
    local it = {
        key = key, at = at, first = tonumber(known[1]) or at, sum = tonumber(known[2]) or 0,
        closed = tonumber(known[3]) or 0, place = tonumber(known[4]) or 0, born = tonumber(known[5]),
        limit = isBackground and share or limit,
    }
    if it.first <= at - window then
        local names, counts = counted(key, it.first, at - window)
        for index = 1, #names do
            it.sum = it.sum - (tonumber(counts[index]) or 0)
        end
        redis.call('HDEL', key, unpack(names))
        it.first = at - window + 1
        redis.call('HSET', key, 'first', digits(it.first), 'sum', digits(it.sum))
    end
    it.step = (window + slack) * 1000 / it.limit
    it.now = math.max(now, at * 1000)
    return it
end

-- How many may go out now, of all that ever may.
local function allowed(it)
    if not it.born or it.now - it.born >= window * 1000 then
        return it.limit
    end
    return math.max(1, math.floor(it.limit * (0.1 + 0.9 * math.max(0, it.now - it.born) / (window * 1000))))
end

-- Those whose place is still to come, or who may be a little late.
local function waiting(it)
    return math.max(0, (it.place + late - it.now) / it.step)
end

local function hasRoom(it, comesBack)
    local owed = isBackground and not comesBack and waiting(it) or 0
    return it.closed <= it.now and it.sum + owed < allowed(it)
end

-- When enough seconds have left that one more may go out.
local function roomAt(it)
    local from = math.max(it.now, it.closed)
    if it.sum < allowed(it) then
        return from
    end
    if it.sum < it.limit then
        return math.max(from, it.born + math.ceil(window * 1000 * ((it.sum + 1) / it.limit - 0.1) / 0.9))
    end
    local left, names, counts = it.sum, counted(it.key, it.first, it.at)
    for index = 1, #names do
        left = left - (tonumber(counts[index]) or 0)
        if left < it.limit then
            return math.max(from, (tonumber(names[index]) + window) * 1000)
        end
    end
    return from
end

local function givePlace(it)
    local place = math.max(it.place + it.step, roomAt(it))
    redis.call('HSET', it.key, isBackground and 'queue' or 'line', fine(place))
    return place
end

local function keep(key, untilWhen)
    redis.call('PEXPIRE', key, digits(math.max(window * 1000, untilWhen - now) + patience))
end

-- Whether one of the account's places has come. Those before it that nobody came for are dropped.
local function takePlace()
    for _ = 1, 100 do
        local head = tonumber(redis.call('LINDEX', KEYS[3], 0))
        if not head or head > now + early then
            return false
        end
        redis.call('LPOP', KEYS[3])
        if head >= now - patience then
            return true
        end
    end
    return false
end

local project = read(KEYS[1], tonumber(ARGV[2]), tonumber(ARGV[4]))
local account = read(KEYS[2], tonumber(ARGV[3]), tonumber(ARGV[5]))
if not project.born then
    project.born = project.now
    redis.call('HSET', KEYS[1], 'born', digits(project.born))
end

local comesBack = isBackground and takePlace()
local passes = {project = hasRoom(project, comesBack), account = hasRoom(account, comesBack)}
if passes.project and passes.account then
    for _, it in ipairs({project, account}) do
        redis.call('HINCRBY', it.key, digits(it.at), 1)
        redis.call('HSET', it.key, 'first', digits(it.first), 'sum', digits(it.sum + 1), 'last', digits(it.at))
    end
    keep(KEYS[2], math.max(account.closed, account.place))
    return {'now', '0'}
end

local place = 0
if not passes.project then
    place = givePlace(project)
end
if not passes.account then
    place = math.max(place, givePlace(account))
end
if isBackground then
    local tail = tonumber(redis.call('LINDEX', KEYS[3], -1))
    place = math.max(place, (tail or 0) + 1)
    if redis.call('LLEN', KEYS[3]) < mostPlaces then
        redis.call('RPUSH', KEYS[3], fine(place))
        keep(KEYS[3], place)
    end
end
if redis.call('EXISTS', KEYS[2]) == 1 then
    keep(KEYS[2], math.max(place, account.closed))
end
return {'later', fine(math.max(1, place - now))}
