# shellcheck shell=bash disable=SC2034,SC2154 # names shared with the scripts that source this
# What the scripts say. Sourced.

# say TEXT…: one line of progress.
say() {
    printf '%s\n' "$*"
}

# complain TEXT…: one line on standard error.
complain() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
}

# fail TEXT…: one line that says what to do, then the end of the script.
fail() {
    complain "$@"
    exit 1
}

# show_tail FILE LINES: the end of a log, indented, on standard error.
show_tail() {
    [[ -s $1 ]] || return 0
    tail -n "$2" "$1" | cut -c 1-300 | sed 's/^/    /' >&2
}
