# shellcheck shell=bash disable=SC2034,SC2154 # names shared with the scripts that source this
# Accounts elsewhere: the master key that seals their tokens, and simulated providers where no real one is set. Sourced.

connection_providers=(GOOGLE MICROSOFT NOTION CANVAS)

# choose_master_keys: sets MASTER_KEYS, unless the user brings some.
choose_master_keys() {
    [[ -z ${MASTER_KEYS:-}${MASTER_KEYS_FILE:-} ]] || return 0
    MASTER_KEYS=k1:$(remember secrets/master-key random_key)
    export MASTER_KEYS
}

# random_key: 32 bytes as base64.
random_key() {
    head -c 32 /dev/urandom | base64 -w 0
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

# start_accounts: the simulated providers, unless the user has real ones, or the programs were built without them. Sets
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
    set_simulated_providers "http://127.0.0.1:$accounts_port"
}

# run_accounts: the process alone (also when it is to be restarted). It knows this gateway from its start.
run_accounts() {
    start_process accounts "${tied[@]}" "$programs/ProviderSimulator" --port "$accounts_port" \
        --redirect-uri "$(callback_url)" --allow-http-notifications
}

callback_url() {
    printf '%s\n' "${PUBLIC_URL:-$http_url}/api/v1/integrations/callback"
}

# set_simulated_providers ORIGIN: for gateways and workers that start afterwards.
set_simulated_providers() {
    local name
    for name in "${connection_providers[@]}"; do
        export "${name}_CLIENT_ID=simulated-client" "${name}_CLIENT_SECRET=simulated-secret" \
            "${name}_BASE_URL=$1/${name,,}"
    done
    # The real provider calls addresses with TLS only, which PUBLIC_URL then is.
    export CALENDAR_NOTIFICATIONS_URL="${CALENDAR_NOTIFICATIONS_URL:-$http_url/api/v1/webhooks/google/calendar}"
}

# use_simulated_providers: registers the gateway of http_url at the simulator of simulator_url, which runs already, and sets
# what lets gateways and workers connect accounts there.
use_simulated_providers() {
    local name origin=${simulator_url%/v1}
    choose_master_keys
    for name in "${connection_providers[@]}"; do
        curl --silent --fail --max-time 10 --output /dev/null --header 'Content-Type: application/json' \
            --data "$(simulated_client "${name,,}")" "$origin/_simulator/oauth/clients" || return 1
    done
    set_simulated_providers "$origin"
}

# simulated_client PROVIDER
simulated_client() {
    printf '{"provider":"%s","client_id":"simulated-client","client_secret":"simulated-secret","title":"Errand",' "$1"
    printf '"redirect_uris":["%s"]}' "$(callback_url)"
}

# connection_settings: what further processes need, as assignments a shell reads.
connection_settings() {
    local name variable
    for variable in MASTER_KEYS MASTER_KEYS_FILE MICROSOFT_DIRECTORY CANVAS_HOSTS CALENDAR_NOTIFICATIONS_URL; do
        [[ -z ${!variable:-} ]] || printf '%s=%q\n' "$variable" "${!variable}"
    done
    for name in "${connection_providers[@]}"; do
        for variable in "${name}"_{CLIENT_ID,CLIENT_SECRET,BASE_URL}; do
            [[ -z ${!variable:-} ]] || printf '%s=%q\n' "$variable" "${!variable}"
        done
    done
}
