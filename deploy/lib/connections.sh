# shellcheck shell=bash disable=SC2034,SC2154 # names shared with the scripts that source this
# Accounts elsewhere: the simulated providers, for gateways and workers that start afterwards. Sourced.

simulated_providers=(google microsoft notion canvas)

# use_simulated_providers: registers the gateway of http_url at the simulator of simulator_url, and sets what lets gateways
# and workers connect accounts there.
use_simulated_providers() {
    local name origin=${simulator_url%/v1}
    MASTER_KEYS=test:$(remember secrets/master-key random_key)
    export MASTER_KEYS
    for name in "${simulated_providers[@]}"; do
        curl --silent --fail --max-time 10 --output /dev/null --header 'Content-Type: application/json' \
            --data "$(simulated_client "$name")" "$origin/_simulator/oauth/clients" || return 1
        export "${name^^}_CLIENT_ID=simulated-client" "${name^^}_CLIENT_SECRET=simulated-secret" \
            "${name^^}_BASE_URL=$origin/$name"
    done
}

# simulated_client PROVIDER
simulated_client() {
    printf '{"provider":"%s","client_id":"simulated-client","client_secret":"simulated-secret","title":"Errand",' "$1"
    printf '"redirect_uris":["%s/api/v1/integrations/callback"]}' "$http_url"
}

# random_key: 32 bytes as base64.
random_key() {
    head -c 32 /dev/urandom | base64 -w 0
}
