-- Returns everything a worker took and did not acknowledge to the front of the queue, in its old order.
-- KEYS[1] the queue's ready list
-- KEYS[2] the worker's taken list
-- Returns how many ids went back.
local count = 0
while true do
    -- The newest taken id is at the left end: it goes back first, so that the oldest is next to be taken.
    local id = redis.call('LPOP', KEYS[2])
    if not id then
        return count
    end
    redis.call('RPUSH', KEYS[1], id)
    count = count + 1
end
