-- Finds lists that lack the id that should be taken from them next.
-- KEYS[1] any key of the queue, so that a cluster finds the node
-- ARGV[1] prefix of the ready lists' keys; then for each list: priority and tenant, the id; at most 500 lists
-- Returns the lists whose 64 next ids are without it.
local missing = {}
for i = 2, #ARGV, 2 do
    local key = ARGV[1] .. string.sub(ARGV[i], 2) .. ':' .. string.sub(ARGV[i], 1, 1)
    local found = false
    for _, id in ipairs(redis.call('LRANGE', key, -64, -1)) do
        if id == ARGV[i + 1] then
            found = true
            break
        end
    end
    if not found then
        missing[#missing + 1] = ARGV[i]
    end
end
return missing
