# shellcheck shell=bash disable=SC2034,SC2154 # names shared with the scripts that source this
# The user PostgreSQL and Redis run as. Sourced.

# The words a server's command starts with; empty when this script's own user will do.
as_server=()

# choose_server_user: makes $state/servers and fills as_server. PostgreSQL refuses to run as root, so root gives its
# servers to the user `postgres`; where that user cannot reach the state (a checkout in root's home, say), root runs them in
# a user namespace that shows them that user's id while the files stay root's.
choose_server_user() {
    local folder=$state/servers
    mkdir -p "$folder"
    chmod 700 "$folder"
    ((EUID == 0)) || return 0
    id postgres >/dev/null 2>&1 || fail "there is no user 'postgres': reinstall the package postgresql-common"
    local -a directly=(setpriv --reuid=postgres --regid=postgres --init-groups)
    local -a mapped=(unshare --user --map-user="$(id -u postgres)" --map-group="$(id -g postgres)")
    if [[ $(stat -c %U "$folder") == postgres || -z $(ls -A "$folder") ]]; then
        chown postgres:postgres "$folder"
        as_server=("${directly[@]}")
        ! "${as_server[@]}" test -w "$folder" || return 0
        chown_servers_to_root "$folder"
    fi
    as_server=("${mapped[@]}")
    "${as_server[@]}" test -w "$folder" 2>/dev/null ||
        fail "user 'postgres' cannot reach $folder: set ERRAND_HOME to a folder it can reach, for example one in /var/lib"
}

chown_servers_to_root() {
    chown -R root:root "$1"
}

# server_folder NAME: a server's own folder, made when it is not there.
server_folder() {
    local folder=$state/servers/$1
    "${as_server[@]}" mkdir -p -m 700 "$folder"
    printf '%s\n' "$folder"
}

# server_file FILE: standard input becomes a file only the server's user (and root) can read.
server_file() {
    # shellcheck disable=SC2016
    "${as_server[@]}" bash -c 'umask 077 && cat >"$1"' bash "$1"
}
