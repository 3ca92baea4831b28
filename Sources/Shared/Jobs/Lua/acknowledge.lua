-- Forgets ids that a worker took: their rows say now who runs them, or that nobody has to.
-- KEYS[1] the worker's taken list
-- KEYS[2] the set of ids that this Redis knows of in the queue
-- ARGV    job ids, at most 1000
-- Returns how many were still known.
for _, id in ipairs(ARGV) do
    redis.call('LREM', KEYS[1], -1, id)
end
return redis.call('SREM', KEYS[2], unpack(ARGV))
