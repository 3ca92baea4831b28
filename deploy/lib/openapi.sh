# shellcheck shell=bash disable=SC2034,SC2154 # names shared with the scripts that source this
# The API browser at /docs, and the checks of the OpenAPI document. Sourced.

# install_docs: Swagger UI's files from PyPI for /docs, unless DOCS_DIRECTORY names a folder that has them.
install_docs() {
    [[ -z ${DOCS_DIRECTORY:-} ]] || return 0
    require_environment docs --no-deps drf-spectacular-sidecar==2026.10.1
    DOCS_DIRECTORY=$(find "$ERRAND_HOME/docs/lib" -type d -path '*/drf_spectacular_sidecar/swagger-ui-dist' | head -n 1)
    [[ -n $DOCS_DIRECTORY ]] || fail "the package drf-spectacular-sidecar in $ERRAND_HOME/docs holds no Swagger UI"
    export DOCS_DIRECTORY
}

install_openapi_checks() {
    require_environment openapi schemathesis==4.32.0 openapi-spec-validator==0.9.0
}

# check_openapi: the answers of a gateway against the document it serves: all operations once, then requests made up from
# the document.
check_openapi() {
    start_openapi_gateway || {
        count_results 'gateway for the OpenAPI document' 1 '0 1' openapi-gateway
        return 0
    }
    local -a gateway=(--base-url "$http_url" --service-key "$(secret service-key)")
    run_check 'all operations against the OpenAPI document' 180 contract-check \
        "$ERRAND_HOME/openapi/bin/python" "$checkout/Tests/OpenAPI/contract_check.py" "${gateway[@]}" \
        --mail-directory "$(mail_directory)"
    ! with_browser || run_check 'the API browser' 120 docs-check \
        "$ERRAND_HOME/browser/bin/python" "$checkout/Tests/Browser/docs_check.py" --base-url "$http_url"
    run_check 'requests that schemathesis makes up' 420 schemathesis-check \
        "$ERRAND_HOME/openapi/bin/python" "$checkout/Tests/OpenAPI/schemathesis_check.py" "${gateway[@]}"
}

# start_openapi_gateway: with accounts that need no mail, and without limits; a worker answers from the simulator.
start_openapi_gateway() {
    programs=$checkout/.build/debug
    HTTP_PORT=$(free_port) choose_http
    migrate_database
    use_simulated_providers || return 1
    AGENT_TOKENS=on AUTH_VERIFICATION=optional AUTH_ACCESS_MINUTES=60 SERVICE_KEYS=$(secret service-key) STREAMS_PER_CALLER=10000 \
        RATE_LIMIT_IP=off RATE_LIMIT_USER=off RATE_LIMIT_KEY=off RATE_LIMIT_LOGIN=off RATE_LIMIT_EXECUTE=off \
        run_gateway openapi-gateway
    LLM_BASE_URL=$simulator_url LLM_API_KEY=simulated LLM_MODEL=simulated run_worker_process openapi-worker
    wait_until 60 openapi-gateway gateway_is_ready
}
