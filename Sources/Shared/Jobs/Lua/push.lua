-- Puts job ids at the back of a queue.
-- KEYS[1] the queue's ready list (taken from its right end)
-- KEYS[2] the set of ids that this Redis knows of in the queue
-- ARGV    job ids, at most 1000
-- Returns the length of the ready list.
-- An id that is known already is pushed again: a claim drops the second one, a missing one would be lost until
-- the reconciler comes by.
redis.call('SADD', KEYS[2], unpack(ARGV))
return redis.call('LPUSH', KEYS[1], unpack(ARGV))
