-- Appends one event to a job's log and wakes its readers.
-- KEYS[1] the job's stream; an entry's id is `attempt-sequence`, so Redis itself refuses what an older attempt writes
-- ARGV[1] attempt, ARGV[2] sequence, ARGV[3] event name, ARGV[4] data, ARGV[5] seconds the log is kept, ARGV[6] channel
-- Returns {'ok', length of the stream}, or {'stale', the last entry's id} when the log is already past this id.
local id = ARGV[1] .. '-' .. ARGV[2]
local added = redis.pcall('XADD', KEYS[1], id, 'n', ARGV[3], 'd', ARGV[4])
if type(added) == 'table' and added.err then
    local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
    if #last == 0 then
        return added
    end
    return {'stale', last[1][1]}
end
redis.call('EXPIRE', KEYS[1], ARGV[5])
redis.call('PUBLISH', ARGV[6], 'event')
return {'ok', redis.call('XLEN', KEYS[1])}
