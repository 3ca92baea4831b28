# shellcheck shell=bash disable=SC2034,SC2154 # names shared with the scripts that source this
# Loopback ports. Sourced.

# port_is_free PORT: nothing listens on it (state 0A). Reads the kernel's tables: needs no tool and no right.
port_is_free() {
    local hexadecimal
    printf -v hexadecimal '%04X' "$1"
    ! cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
        awk -v port=":$hexadecimal\$" '$4 == "0A" && $2 ~ port { found = 1 } END { exit !found }'
}

# free_port: a random one below the range from which the kernel takes ports for outgoing connections.
free_port() {
    local port attempt
    for ((attempt = 0; attempt < 100; attempt++)); do
        port=$((20000 + (RANDOM * 32768 + RANDOM) % 12000))
        if port_is_free "$port"; then
            printf '%s\n' "$port"
            return
        fi
    done
    fail 'found no free port between 20000 and 31999'
}

# remembered_port NAME: the port of the last run unless somebody else has taken it since.
remembered_port() {
    local port
    port=$(remember "ports/$1" free_port)
    if ! port_is_free "$port"; then
        rm -f "$state/ports/$1"
        port=$(remember "ports/$1" free_port)
    fi
    printf '%s\n' "$port"
}
