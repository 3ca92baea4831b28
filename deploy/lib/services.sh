# shellcheck shell=bash disable=SC2034,SC2154 # names shared with the scripts that source this
# Errand's own processes: migrations, gateway, workers. Sourced.
#
# A variable the user has set wins: with DATABASE_URL (and MIGRATION_DATABASE_URL) or REDIS_URL no private server is started.

# forget_settings: for a run that must not touch what the user's own variables name.
forget_settings() {
    unset DATABASE_URL MIGRATION_DATABASE_URL MIGRATIONS_DIRECTORY REDIS_URL API_KEYS HTTP_HOST HTTP_PORT
    unset LLM_BASE_URL LLM_API_KEY LLM_MODEL LLM_CONTEXT_TOKENS LLM_MAX_OUTPUT_TOKENS WORKER_DRAIN_SECONDS
    unset SMTP_URL MAIL_FROM MAIL_DIRECTORY PUBLIC_URL AUTH_SECRET AUTH_KEYS_FILE BREACHED_PASSWORDS_FILE
    unset RATE_LIMIT_IP RATE_LIMIT_USER RATE_LIMIT_KEY RATE_LIMIT_LOGIN RATE_LIMIT_EXECUTE RATE_LIMIT_WEBHOOK RATE_LIMIT_WITHOUT_REDIS
    unset TRUSTED_PROXIES CORS_ORIGINS LOG_FORMAT SENTRY_DSN HTTP_MAX_CONNECTIONS HTTP_MAX_CONNECTIONS_PER_ADDRESS
    unset MASTER_KEYS MASTER_KEYS_FILE AGENT_TOKENS
    unset "${!GOOGLE_@}" "${!MICROSOFT_@}" "${!NOTION_@}" "${!CANVAS_@}"
    unset DOCS_DIRECTORY METRICS_ADDRESS OTEL_EXPORTER_OTLP_ENDPOINT OTEL_EXPORTER_OTLP_TRACES_ENDPOINT
}

# start_stores: PostgreSQL and Redis, unless the user brings them.
start_stores() {
    choose_server_user
    [[ -n ${DATABASE_URL:-} ]] || start_postgres
    [[ -n ${REDIS_URL:-} ]] || start_redis
}

# migrate_database: brings the schema up to date and gives the roles that migrations make their passwords.
migrate_database() {
    local owner_url=${MIGRATION_DATABASE_URL:-${DATABASE_URL:-}}
    if [[ -z ${DATABASE_URL:-} ]]; then
        make_database errand
        owner_url=$(postgres_url errand_owner errand)
    fi
    MIGRATION_DATABASE_URL=$owner_url DATABASE_URL=$owner_url MIGRATIONS_DIRECTORY=$(migrations_folder) \
        require_step 'migrating' 600 migrate "$programs/worker" migrate
    if [[ -z ${DATABASE_URL:-} ]]; then
        set_role_password errand_gateway
        set_role_password errand_worker
    fi
}

migrations_folder() {
    printf '%s\n' "${MIGRATIONS_DIRECTORY:-$checkout/migrations}"
}

# database_url ROLE
database_url() {
    printf '%s\n' "${DATABASE_URL:-$(postgres_url "$1" errand)}"
}

store_redis_url() {
    printf '%s\n' "${REDIS_URL:-$(redis_url)}"
}

# choose_http: port and keys of the gateway, from the environment or remembered. Sets http_port, api_keys, and for what is
# printed api_key and http_url.
choose_http() {
    http_port=${HTTP_PORT:-8080}
    if [[ -z ${HTTP_PORT:-} ]] && ! port_is_free "$http_port"; then http_port=$(remembered_port gateway); fi
    port_is_free "$http_port" || fail "port $http_port is taken: choose another with --port"
    api_keys=${API_KEYS:-$(remember secrets/tenant random_uuid):$(secret api-key)}
    api_key=${api_keys%%,*}
    api_key=${api_key#*:}
    case ${HTTP_HOST:-127.0.0.1} in
        0.0.0.0 | 127.0.0.1 | localhost) http_url=http://127.0.0.1:$http_port ;;
        *) http_url=http://$HTTP_HOST:$http_port ;;
    esac
}

# mail_directory: where mail is kept instead of being sent, for /dev/mail to show. Nothing when a server sends it.
mail_directory() {
    [[ -n ${SMTP_URL:-} ]] || printf '%s\n' "${MAIL_DIRECTORY:-$state/mail}"
}

# shown_mail_directory: nothing either where others than this machine reach the gateway, unless the user wants that.
shown_mail_directory() {
    case ${HTTP_HOST:-127.0.0.1} in
        127.* | localhost | ::1) mail_directory ;;
        *) [[ -n ${SMTP_URL:-} ]] || printf '%s\n' "${MAIL_DIRECTORY:-}" ;;
    esac
}

# run_gateway [NAME]
run_gateway() {
    DATABASE_URL=$(database_url errand_gateway) REDIS_URL=$(store_redis_url) LOG_LEVEL=${LOG_LEVEL:-info} \
        HTTP_HOST=${HTTP_HOST:-127.0.0.1} HTTP_PORT=$http_port API_KEYS=$api_keys \
        AUTH_SECRET=$(auth_secret) AUTH_KEYS_FILE=$(signing_keys) BREACHED_PASSWORDS_FILE=${breached_passwords:-} \
        MAIL_DIRECTORY=$(shown_mail_directory) PUBLIC_URL=${PUBLIC_URL:-$http_url} \
        start_process "${1:-gateway}" "${tied[@]}" "$programs/gateway"
}

# run_worker NAME: with the embedded model's server as its provider when there is one.
run_worker() {
    if [[ -n ${model_port:-} ]]; then
        LLM_BASE_URL=http://127.0.0.1:$model_port/v1 LLM_API_KEY=$(secret model-key) \
            LLM_MODEL=${LLM_MODEL:-smollm2-135m-instruct} run_worker_process "$1"
    else
        run_worker_process "$1"
    fi
}

run_worker_process() {
    DATABASE_URL=$(database_url errand_worker) REDIS_URL=$(store_redis_url) LOG_LEVEL=${LOG_LEVEL:-info} \
        MIGRATIONS_DIRECTORY=$(migrations_folder) \
        AUTH_SECRET=$(auth_secret) MAIL_DIRECTORY=$(mail_directory) PUBLIC_URL=${PUBLIC_URL:-$http_url} \
        start_process "$1" "${tied[@]}" "$programs/worker" run --queues chat,default,mail,tokens,calendars --concurrency "${worker_concurrency:-32}"
}

gateway_is_ready() {
    curl --silent --fail --max-time 2 "$http_url/api/v1/health/ready"
}

# write_worker_settings: what a further worker process needs to join, as assignments a shell reads.
write_worker_settings() {
    (
        umask 077
        {
            printf 'DATABASE_URL=%q\n' "$(database_url errand_worker)"
            printf 'REDIS_URL=%q\n' "$(store_redis_url)"
            printf 'AUTH_SECRET=%q\n' "$(auth_secret)"
            printf 'PUBLIC_URL=%q\n' "${PUBLIC_URL:-$http_url}"
            if [[ -n ${SMTP_URL:-} ]]; then
                printf 'SMTP_URL=%q\nMAIL_FROM=%q\n' "$SMTP_URL" "${MAIL_FROM:-}"
            else
                printf 'MAIL_DIRECTORY=%q\n' "$(mail_directory)"
            fi
            connection_settings
            if [[ -n ${model_port:-} ]]; then
                printf 'LLM_BASE_URL=%q\n' "http://127.0.0.1:$model_port/v1"
                printf 'LLM_API_KEY=%q\n' "$(secret model-key)"
                printf 'LLM_MODEL=%q\n' "${LLM_MODEL:-smollm2-135m-instruct}"
            fi
        } >"$state/worker.env"
    )
}
