-- After a provider refused a request for its quota: lets nothing out for a while.
-- KEYS[1] a hash of admit.lua's, of the project or of an account
-- ARGV[1] for how many milliseconds, or '' when the provider does not say; [2] `project` or `account`: whose hash it
-- is; [3] the time, only in tests
-- Returns {'closed', milliseconds}
--
-- When nobody says for how long: two seconds, and twice as long each time that it happens again within two minutes of
-- the time before, up to 64 seconds. Refusals of what was under way together count once.
local function clock()
    if ARGV[3] then
        return tonumber(ARGV[3])
    end
    local time = redis.call('TIME')
    return time[1] * 1000 + time[2] / 1000
end

local now = clock()
local known = redis.call('HMGET', KEYS[1], 'closed', 'strikes')
local closed, strikes = tonumber(known[1]) or 0, tonumber(known[2]) or 0
local wanted = tonumber(ARGV[1])

if wanted then
    closed = math.max(closed, now + wanted)
elseif closed <= now then
    strikes = now - closed < 120000 and strikes + 1 or 1
    closed = now + math.min(64, 2 ^ strikes) * 1000
    redis.call('HSET', KEYS[1], 'strikes', strikes)
end
redis.call('HSET', KEYS[1], 'closed', string.format('%.3f', closed))
-- The project's hash never expires.
local needed = closed - now + 240000
if ARGV[2] == 'account' and redis.call('PTTL', KEYS[1]) < needed then
    redis.call('PEXPIRE', KEYS[1], string.format('%.0f', needed))
end
return {'closed', string.format('%.3f', closed - now)}
