# shellcheck shell=bash disable=SC2034,SC2154 # names shared with the scripts that source this
# Long-running children: start, wait, stop, and nothing else is ever signalled. Sourced.
#
# Each child leads a session of its own, so that a Ctrl-C in the terminal reaches this script only and the script decides
# the order. Its id and start time are kept under $state/run: a run that was killed leaves them for the next one.

declare -A process_ids=()
hurry=false

# A child started through these words ends when this script dies, however it dies.
tied=(setpriv --pdeathsig TERM)

# start_process NAME COMMAND…: a service in the background, output appended to logs/NAME.log. Disowned, so that bash writes
# nothing of its own when it dies; whether it lives is asked of the kernel.
start_process() {
    launch "$@"
    disown "${process_ids[$1]}"
}

launch() {
    local name=$1
    shift
    setsid "$@" >>"$state/logs/$name.log" 2>&1 </dev/null 9>&- &
    process_ids[$name]=$!
    printf '%s %s\n' $! "$(start_time $!)" >"$state/run/$name.process"
}

# start_time ID: clock ticks from boot to the start of that process; with the id it names a process for good.
start_time() {
    sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20
}

process_is_alive() {
    [[ -n ${process_ids[$1]:-} ]] && kill -0 "${process_ids[$1]}" 2>/dev/null
}

# wait_until SECONDS NAME COMMAND…: until COMMAND succeeds. Fails when process NAME has ended or the time is over.
wait_until() {
    local deadline=$((SECONDS + $1)) name=$2
    shift 2
    until "$@" >/dev/null 2>&1; do
        process_is_alive "$name" || return 1
        ((SECONDS < deadline)) || return 1
        sleep 0.1
    done
}

# stop_process NAME SIGNAL SECONDS: asks, waits, and kills the session when the time is over or the user is in a hurry.
stop_process() {
    local name=$1 signal=$2 deadline=$((SECONDS + $3)) id=${process_ids[$1]:-}
    [[ -n $id ]] || return 0
    kill -s "$signal" "$id" 2>/dev/null || true
    while process_is_alive "$name"; do
        if $hurry || ((SECONDS >= deadline)); then
            complain "$name did not stop: killed"
            kill -s KILL -- "-$id" 2>/dev/null || kill -s KILL "$id" 2>/dev/null || true
            sleep 0.2
            break
        fi
        sleep 0.1
    done
    forget_process "$name"
}

forget_process() {
    unset "process_ids[$1]"
    rm -f "$state/run/$1.process"
}

# stop_leftovers: ends what an earlier run of this state started and could not stop (it was killed itself).
stop_leftovers() {
    local file id started deadline
    for file in "$state"/run/*.process; do
        [[ -e $file ]] || continue
        read -r id started <"$file" || true
        if [[ -n $started && $(start_time "$id") == "$started" ]]; then
            say "stopping $(basename "$file" .process), left over from a run that was killed"
            kill -s "$([[ $file == */postgres.process ]] && echo INT || echo TERM)" "$id" 2>/dev/null || true
            deadline=$((SECONDS + 15))
            while [[ $(start_time "$id") == "$started" ]] && ((SECONDS < deadline)); do sleep 0.1; done
            [[ $(start_time "$id") != "$started" ]] || kill -s KILL "$id" 2>/dev/null || true
        fi
        rm -f "$file"
    done
}

# run_step TITLE SECONDS LOG COMMAND…: one bounded step with progress; the output goes to logs/LOG.log. Returns the
# command's status, 124 when the time was over. Sets step_seconds.
run_step() {
    local title=$1 seconds=$2 name=$3 started=$SECONDS status=0
    shift 3
    local -a tie=("${tied[@]}")
    [[ $name != packages ]] || tie=() # apt-get is never cut off
    : >"$state/logs/$name.log"
    launch "$name" "${tie[@]}" timeout --kill-after 10 "$seconds" "$@"
    show_progress "$title" "$name"
    wait "${process_ids[$name]}" || status=$?
    forget_process "$name"
    step_seconds=$((SECONDS - started))
    return "$status"
}

# show_progress TITLE NAME: until process NAME ends: on a terminal one line that moves, elsewhere a line every 30 s.
show_progress() {
    local title=$1 name=$2 started=$SECONDS told=$SECONDS last
    [[ -t 1 ]] || say "$title …"
    while process_is_alive "$name"; do
        last=$(tail -c 400 "$state/logs/$name.log" | tr '\r' '\n' | tail -n 1 | tr -cd '[:print:]' | cut -c 1-60)
        if [[ -t 1 ]]; then
            printf '\r\033[K%s … %d s  %s' "$title" $((SECONDS - started)) "$last"
        elif ((SECONDS - told >= 30)); then
            told=$SECONDS
            say "    $((SECONDS - started)) s  $last"
        fi
        sleep 0.2
    done
    [[ ! -t 1 ]] || printf '\r\033[K'
}

# require_step: run_step, and the end of the script with the log's tail when it fails.
require_step() {
    local status=0
    run_step "$@" || status=$?
    if ((status != 0)); then
        show_tail "$state/logs/$3.log" 30
        fail "$1 failed (status $status): the whole log is $state/logs/$3.log"
    fi
    say "$1: done in $step_seconds s"
}
