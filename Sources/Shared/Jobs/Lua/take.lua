-- Moves ids from a queue to the worker that takes them, at no moment in neither.
-- KEYS[1] the queue's ready list
-- KEYS[2] the worker's taken list
-- ARGV[1] how many at the most, up to 1000
-- Returns the ids, oldest first.
local ids = redis.call('RPOP', KEYS[1], ARGV[1])
if not ids or #ids == 0 then
    return {}
end
redis.call('LPUSH', KEYS[2], unpack(ids))
return ids
