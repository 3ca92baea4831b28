# shellcheck shell=bash disable=SC2034,SC2154 # names shared with the scripts that source this
# Virtual environments for tools. Sourced.

# find_python: a Python of 3.10 or newer that can make virtual environments, or nothing.
find_python() {
    local candidate
    for candidate in python3 /usr/bin/python3; do
        if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' >/dev/null 2>&1; then
            command -v "$candidate"
            return
        fi
    done
    return 1
}

require_python() {
    find_python >/dev/null || fail 'Python 3.10 or newer with its venv module is needed: install the package python3-venv'
}

# require_environment NAME PIP-ARGUMENT…: $ERRAND_HOME/NAME holds exactly these packages; does nothing when it does.
require_environment() {
    local name=$1 folder=$ERRAND_HOME/$1
    shift
    [[ $(cat "$folder/installed" 2>/dev/null) != "$*" ]] || return 0
    require_python
    rm -rf "$folder"
    # shellcheck disable=SC2016
    require_step "installing $name (Python packages)" 900 "install-$name" bash -c '
        python=$1 folder=$2
        shift 2
        "$python" -m venv "$folder" &&
            "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary :all: "$@"' \
        install "$(find_python)" "$folder" "$@"
    printf '%s\n' "$*" >"$folder/installed"
}
