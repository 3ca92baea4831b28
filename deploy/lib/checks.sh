# shellcheck shell=bash disable=SC2034,SC2154 # names shared with the scripts that source this
# Checks and their counts. Sourced.

passed=0 failed=0
failures=()

# run_check TITLE SECONDS LOG COMMAND…: a step that counts as one test, or, when its output ends with a line
# `N passed, N failed`, as that many. Goes on after a failure.
run_check() {
    local title=$1 name=$3 status=0 counts
    run_step "$@" || status=$?
    counts=$(sed -n 's/^\([0-9][0-9]*\) passed, \([0-9][0-9]*\) failed$/\1 \2/p' "$state/logs/$name.log" | tail -n 1)
    [[ -n $counts ]] || counts="$((status == 0)) 0"
    count_results "$title" "$status" "$counts" "$name"
}

# count_results TITLE STATUS "PASSED FAILED" LOG: a bad status counts as one failure when the counts show none.
count_results() {
    local good=${3% *} bad=${3#* }
    if (($2 != 0 && bad == 0)); then bad=1; fi
    passed=$((passed + good)) failed=$((failed + bad))
    if ((bad > 0)); then
        complain "$1: $good passed, $bad failed (status $2); what failed, and the end of its log:"
        grep -E '^(FAILED|objection|.*✘)' "$state/logs/$4.log" | head -n 40 || true
        show_tail "$state/logs/$4.log" 60
        failures+=("$1")
    else
        say "$1: $good passed in $step_seconds s"
    fi
}

# report_counts: the summary; its last line has the numbers. Fails when anything failed or nothing ran.
report_counts() {
    local title
    for title in "${failures[@]}"; do complain "failed: $title"; done
    printf '%s passed, %s failed\n' "$passed" "$failed"
    ((failed == 0 && passed > 0))
}
