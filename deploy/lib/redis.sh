# shellcheck shell=bash disable=SC2034,SC2154 # names shared with the scripts that source this
# A private Redis: loopback only, with a password, append-only file. Sourced. Sets redis_port.

start_redis() {
    local folder
    redis_server=$(find_redis)
    folder=$(server_folder redis)
    redis_port=$(remembered_port redis)
    redis_settings "$folder" | server_file "$folder/redis.conf"
    run_redis
    wait_until 60 redis redis_answers || {
        show_tail "$state/logs/redis.log" 20
        fail "Redis did not start: $state/logs/redis.log"
    }
}

# run_redis: the process alone (also when it is to be restarted).
run_redis() {
    start_process redis "${as_server[@]}" "${tied[@]}" "$redis_server" "$state/servers/redis/redis.conf"
}

# find_redis: the server's program. Debian ships it in redis-tools as redis-check-rdb; the name it is called by decides
# what it is, and the package redis-server is little more than that other name.
find_redis() {
    local program
    if program=$(command -v redis-server); then
        printf '%s\n' "$program"
        return
    fi
    program=$(command -v redis-check-rdb) || fail 'found no Redis: install the package redis-tools'
    mkdir -p "$state/servers/bin"
    chmod 755 "$state/servers/bin"
    ln -sfn "$program" "$state/servers/bin/redis-server"
    printf '%s\n' "$state/servers/bin/redis-server"
}

redis_settings() {
    cat <<SETTINGS
bind 127.0.0.1
port $redis_port
protected-mode yes
requirepass $(secret redis-password)
daemonize no
dir "$1"
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
SETTINGS
}

redis_answers() {
    [[ $(REDISCLI_AUTH=$(secret redis-password) redis-cli -h 127.0.0.1 -p "$redis_port" ping) == PONG ]]
}

redis_url() {
    printf 'redis://:%s@127.0.0.1:%s/0\n' "$(secret redis-password)" "$redis_port"
}
