# shellcheck shell=bash disable=SC2034,SC2154 # names shared with the scripts that source this
# The folders the scripts write to, and what they remember there from one run to the next. Sourced.
#
# checkout      the repository
# ERRAND_HOME   kept between runs, ignored by git: virtual environments, secrets, ports (default: .errand in the checkout)
# state         servers' data, logs and process ids of this run: ERRAND_HOME for deploy/up, a folder below it for the others

checkout=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
ERRAND_HOME=${ERRAND_HOME:-$checkout/.errand}
[[ $ERRAND_HOME == /* ]] || ERRAND_HOME=$PWD/$ERRAND_HOME

# open_state FOLDER: makes it this run's state. Others may pass through it (a server runs as its own user), not list it.
open_state() {
    state=$1
    mkdir -p "$ERRAND_HOME" "$state"/{logs,run,secrets,ports}
    chmod 711 "$ERRAND_HOME" "$state"
    chmod 700 "$state"/{logs,run,secrets,ports}
}

# turn_logs: the logs of the last run stay as NAME.log.1.
turn_logs() {
    find "$state/logs" -name '*.log' -exec mv {} {}.1 \;
}

# lock_state: one run at a time in this state. The lock goes with this process: children get no copy of descriptor 9.
lock_state() {
    exec 9>>"$state/lock"
    flock --nonblock 9 || fail "already running here$(running_description): stop that one with Ctrl-C first"
    printf '%s\n' $$ >"$state/run/owner"
}

# remove_stale_states KIND: folders KIND-<process> of runs that were killed.
remove_stale_states() {
    local old
    for old in "$ERRAND_HOME/$1"-*[0-9]; do
        if [[ -d $old ]] && ! kill -0 "${old##*-}" 2>/dev/null; then rm -rf "$old"; fi
    done
}

# close_state KIND: removes this run's state; its logs stay as KIND-logs until the next run.
close_state() {
    rm -rf "${ERRAND_HOME:?}/$1-logs"
    mv "$state/logs" "$ERRAND_HOME/$1-logs" 2>/dev/null || true
    rm -rf "$state"
}

running_description() {
    local owner url
    owner=$(cat "$state/run/owner" 2>/dev/null) || return 0
    url=$(cat "$state/run/url" 2>/dev/null) || url='still starting'
    printf ' (process %s, %s)' "$owner" "$url"
}

# remember NAME COMMAND…: what COMMAND printed the first time it was asked for NAME. Readable by its owner only.
remember() {
    local file=$state/$1
    shift
    if [[ ! -s $file ]]; then
        (umask 077 && "$@" >"$file.new") && mv "$file.new" "$file"
    fi
    cat "$file"
}

# secret NAME: 48 random hexadecimal digits, the same in every run.
secret() {
    remember "secrets/$1" random_hex 24
}

random_hex() {
    od -An -N "$1" -tx1 /dev/urandom | tr -d ' \n'
}

random_uuid() {
    cat /proc/sys/kernel/random/uuid
}
