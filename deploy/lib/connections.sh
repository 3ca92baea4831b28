# shellcheck shell=bash disable=SC2034,SC2154 # names shared with the scripts that source this
# Connections to accounts elsewhere: the master key that seals their tokens and, where no provider is set, a simulated one.
# Sourced.

connection_providers=(GOOGLE MICROSOFT NOTION CANVAS)

# choose_connections: sets MASTER_KEYS, unless the user brings master keys.
choose_connections() {
    [[ -z ${MASTER_KEYS:-}${MASTER_KEYS_FILE:-} ]] || return 0
    MASTER_KEYS=k1:$(remember secrets/master-key random_base64 32)
    export MASTER_KEYS
}

random_base64() {
    head -c "$1" /dev/urandom | base64 -w 0
}

# provider_is_set: whether the user has registered this service at any provider.
provider_is_set() {
    local name variable
    for name in "${connection_providers[@]}"; do
        variable=${name}_CLIENT_ID
        [[ -z ${!variable:-} ]] || return 0
    done
    return 1
}

# start_accounts: providers of accounts, simulated; unless the user has some, or the programs were built without it. Sets
# accounts_port.
start_accounts() {
    ! provider_is_set || return 0
    [[ -x $programs/ProviderSimulator ]] || return 0
    accounts_port=$(remembered_port accounts)
    run_accounts
    wait_until 30 accounts grep -q '^listening on ' "$state/logs/accounts.log" || {
        show_tail "$state/logs/accounts.log" 20
        fail "the simulated providers did not start: $state/logs/accounts.log"
    }
    local name
    for name in "${connection_providers[@]}"; do
        export "${name}_CLIENT_ID=simulated-client" "${name}_CLIENT_SECRET=simulated-secret" \
            "${name}_BASE_URL=http://127.0.0.1:$accounts_port/${name,,}"
    done
}

# run_accounts: the process alone (also when it is to be restarted).
run_accounts() {
    start_process accounts "${tied[@]}" "$programs/ProviderSimulator" --port "$accounts_port" \
        --redirect-uri "${PUBLIC_URL:-$http_url}/api/v1/integrations/callback"
}

# connection_settings: what further processes need, as assignments a shell reads.
connection_settings() {
    local name variable
    for variable in MASTER_KEYS MASTER_KEYS_FILE MICROSOFT_DIRECTORY; do
        [[ -z ${!variable:-} ]] || printf '%s=%q\n' "$variable" "${!variable}"
    done
    for name in "${connection_providers[@]}"; do
        for variable in "${name}"_{CLIENT_ID,CLIENT_SECRET,BASE_URL}; do
            [[ -z ${!variable:-} ]] || printf '%s=%q\n' "$variable" "${!variable}"
        done
    done
}
