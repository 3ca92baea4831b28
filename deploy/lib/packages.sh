# shellcheck shell=bash disable=SC2034,SC2154 # names shared with the scripts that source this
# Debian packages. Sourced.

# What compiling and running needs. Redis comes from redis-tools, which holds the server's program as redis-check-rdb
# (redis-server adds a name for it and a system service that would start with the machine: not wanted here).
build_packages=(libpq-dev libhiredis-dev libcurl4-openssl-dev libssl-dev libargon2-dev libcrypt-dev)
run_packages=(curl postgresql redis-tools)
model_packages=(libgomp1) # of llama.cpp, beside its wheel
python_packages=(python3 python3-venv)

# missing_packages NAME…: those that are not installed.
missing_packages() {
    local name
    for name in "$@"; do
        package_is_installed "$name" || printf '%s\n' "$name"
    done
}

package_is_installed() {
    [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

# require_packages NAME…: installs what is missing; without root, one line that says what to do.
require_packages() {
    local -a missing
    mapfile -t missing < <(missing_packages "$@")
    ((${#missing[@]} > 0)) || return 0
    ((EUID == 0)) || fail "missing packages: ${missing[*]}. Run 'sudo deploy/up --packages' once, then this again"
    hold_system_services
    require_step "installing ${missing[*]}" 1500 packages bash -c '
        export DEBIAN_FRONTEND=noninteractive
        apt-get update -q || exit
        exec apt-get install -q -y --no-install-recommends -o DPkg::Lock::Timeout=300 "$@"' apt "${missing[@]}"
    release_system_services
}

# require_promtool: Prometheus' checker of metrics, on PATH. Taken out of Debian's package rather than installed: that
# would add a service to the machine. Needs no root, but for the package lists.
require_promtool() {
    local folder=$ERRAND_HOME/promtool
    command -v promtool >/dev/null && return 0
    if [[ ! -x $folder/usr/bin/promtool ]]; then
        mkdir -p "$folder"
        # shellcheck disable=SC2016
        require_step 'fetching promtool' 900 promtool env --chdir "$folder" bash -c '
            ((EUID != 0)) || apt-get update -q || exit
            rm -f prometheus_*.deb && apt-get download -q prometheus || exit
            dpkg-deb --fsys-tarfile prometheus_*.deb | tar -x ./usr/bin/promtool && rm -f prometheus_*.deb'
    fi
    export PATH="$PATH:$folder/usr/bin"
}

# While packages are installed no service starts and no "main" database cluster is made. Both files exist only then, and
# only when this script wrote them: a machine that has a policy of its own keeps it.
service_policy=/usr/sbin/policy-rc.d
cluster_policy=/etc/postgresql-common/createcluster.d/errand.conf
policies_written=()

hold_system_services() {
    if [[ ! -e $service_policy ]]; then
        policies_written+=("$service_policy")
        printf '#!/bin/sh\nexit 101\n' >"$service_policy"
        chmod 755 "$service_policy"
    fi
    if [[ ! -e $cluster_policy ]]; then
        policies_written+=("$cluster_policy")
        mkdir -p "${cluster_policy%/*}"
        printf 'create_main_cluster = false\n' >"$cluster_policy"
    fi
}

release_system_services() {
    ((${#policies_written[@]} == 0)) || rm -f "${policies_written[@]}"
    policies_written=()
}

# wait_for_packages: apt-get is left to finish when the script is stopped: half an installation is worse than a wait.
wait_for_packages() {
    local deadline=$((SECONDS + 1500))
    ! process_is_alive packages || say 'waiting for apt-get to finish'
    while process_is_alive packages && ((SECONDS < deadline)); do sleep 0.2; done
    release_system_services
}
