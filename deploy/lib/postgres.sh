# shellcheck shell=bash disable=SC2034,SC2154 # names shared with the scripts that source this
# A private PostgreSQL: TCP on loopback only, every role with a password, everything durable. Sourced.
# Sets postgres_port. Its superuser is errand_owner.

# start_postgres [AUTHENTICATION]: of the roles that are not superusers; scram-sha-256 unless the caller says otherwise.
start_postgres() {
    local data
    postgres_bin=$(find_postgres)
    data=$(server_folder postgres)/data
    [[ -s $data/PG_VERSION ]] || make_cluster "$data"
    require_same_version "$data"
    postgres_port=$(remembered_port postgres)
    postgres_settings | server_file "$data/postgresql.conf"
    postgres_authentication "${1:-scram-sha-256}" | server_file "$data/pg_hba.conf"
    run_postgres
    wait_until 60 postgres owner_psql postgres -c 'SELECT 1' || {
        show_tail "$state/logs/postgres.log" 20
        fail "PostgreSQL did not start: $state/logs/postgres.log"
    }
}

# run_postgres: the process alone (also when it is to be restarted).
run_postgres() {
    LC_ALL=C.UTF-8 start_process postgres "${as_server[@]}" setpriv --pdeathsig INT \
        "$postgres_bin/postgres" -D "$state/servers/postgres/data"
}

find_postgres() {
    local folder
    folder=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
    [[ -x $folder/postgres ]] || fail 'found no PostgreSQL server under /usr/lib/postgresql: install the package postgresql'
    printf '%s\n' "$folder"
}

make_cluster() {
    local password=$state/servers/postgres/password
    secret owner-password | server_file "$password"
    LC_ALL=C.UTF-8 require_step 'creating the database cluster' 120 initdb "${as_server[@]}" \
        "$postgres_bin/initdb" -D "$1" -U errand_owner --pwfile "$password" --auth scram-sha-256 \
        --encoding UTF8 --locale C.UTF-8 --data-checksums
    rm -f "$password"
}

require_same_version() {
    local kept have
    kept=$(cat "$1/PG_VERSION")
    have=$("$postgres_bin/postgres" --version | sed 's/[^0-9]*\([0-9]*\).*/\1/')
    [[ $kept == "$have" ]] ||
        fail "the data in $1 is PostgreSQL $kept's, installed is $have: upgrade it with pg_upgrade or move it away"
}

# Sized for 2 cores and little memory. Jobs are short rows that change often: vacuum looks at them often.
postgres_settings() {
    cat <<SETTINGS
listen_addresses = '127.0.0.1'
port = $postgres_port
unix_socket_directories = ''
max_connections = 500
password_encryption = 'scram-sha-256'
fsync = on
synchronous_commit = on
full_page_writes = on
shared_buffers = '256MB'
effective_cache_size = '1GB'
work_mem = '8MB'
maintenance_work_mem = '64MB'
wal_compression = on
max_wal_size = '2GB'
random_page_cost = 1.1
max_parallel_workers_per_gather = 0
jit = off
autovacuum_naptime = '10s'
autovacuum_vacuum_scale_factor = 0.05
autovacuum_analyze_scale_factor = 0.05
idle_in_transaction_session_timeout = '60s'
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %q%u@%d '
SETTINGS
}

postgres_authentication() {
    printf 'host all errand_owner 127.0.0.1/32 scram-sha-256\n'
    printf 'host all all 127.0.0.1/32 %s\n' "$1"
}

# owner_psql DATABASE ARGUMENT…: psql as the superuser; SQL with secrets belongs on its standard input.
owner_psql() {
    local database=$1
    shift
    PGPASSWORD=$(secret owner-password) PGCONNECT_TIMEOUT=5 PGOPTIONS='' "$postgres_bin/psql" -X -q -A -t -v ON_ERROR_STOP=1 \
        -h 127.0.0.1 -p "$postgres_port" -U errand_owner -d "$database" "$@"
}

# make_database NAME: unless it is there.
make_database() {
    [[ -n $(owner_psql postgres -c "SELECT 1 FROM pg_database WHERE datname = '$1'") ]] ||
        owner_psql postgres -c "CREATE DATABASE $1"
}

# set_role_password ROLE: gives a role that migrations made the password remembered for it.
set_role_password() {
    printf "ALTER ROLE %s PASSWORD '%s';\n" "$1" "$(secret "$1-password")" | owner_psql postgres
}

# postgres_url ROLE DATABASE
postgres_url() {
    local name=$1-password
    [[ $1 != errand_owner ]] || name=owner-password
    printf 'postgresql://%s:%s@127.0.0.1:%s/%s\n' "$1" "$(secret "$name")" "$postgres_port" "$2"
}
