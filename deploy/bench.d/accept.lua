-- wrk: POST one noop job a request. The key comes from the environment, so that it is in no list of processes.
wrk.method = "POST"
wrk.body = os.getenv("BENCH_BODY") or '{"kind":"noop","payload":{}}'
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "Bearer " .. os.getenv("BENCH_KEY")
