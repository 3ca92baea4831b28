#!/usr/bin/env python3
"""Drives the provider simulator with the official `openai` package: does a real client read it as it reads OpenAI?

Usage: openai_client_check.py BASE_URL [API_KEY]      (such as http://127.0.0.1:8765/v1)
The key is that of the simulator's --api-key; with it, wrong keys are tried too.
Prints `N passed, N failed` and exits non-zero when a check failed.
"""

import json
import sys
import time
import urllib.error
import urllib.request

import openai

BASE = sys.argv[1].rstrip("/")
KEY = sys.argv[2] if len(sys.argv) > 2 else "sk-any-key-will-do"
CONTROL = BASE.removesuffix("/v1") + "/_simulator"
passed, failed = 0, []


def check(name):
    def run(body):
        global passed
        try:
            body()
            passed += 1
        except Exception as error:  # every check reports for itself
            failed.append(name)
            print(f"FAILED {name}: {type(error).__name__}: {error}")
        return body

    return run


def client(retries=0, key=KEY, timeout=10.0):
    return openai.OpenAI(base_url=BASE, api_key=key, max_retries=retries, timeout=timeout)


def ask(text, retries=0, timeout=10.0, **options):
    messages = [{"role": "system", "content": "Be short."}, {"role": "user", "content": text}]
    arguments = {"model": "gpt-4o-mini", "messages": messages, **options}
    return client(retries, timeout=timeout).chat.completions.create(**arguments)


def joined(stream):
    text, finish, usage, count = "", None, None, 0
    for chunk in stream:
        count += 1
        assert chunk.object == "chat.completion.chunk"
        usage = chunk.usage or usage
        for choice in chunk.choices or []:
            text += choice.delta.content or ""
            finish = choice.finish_reason or finish
    return text, finish, usage, count


def control(method, path, body=None):
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(CONTROL + path, data=data, method=method)
    with urllib.request.urlopen(request) as response:
        return json.loads(response.read() or "null")


def raises(kind, call, status=None, code=None, error_type=None):
    try:
        call()
    except openai.OpenAIError as error:
        assert type(error) is kind, f"{type(error).__name__} instead of {kind.__name__}: {error}"
        if status is not None:
            assert error.status_code == status, error.status_code
            assert error.request_id.startswith("req_"), error.request_id
        assert code is None or error.code == code, error.code
        assert error_type is None or error.type == error_type, error.type
        return error
    raise AssertionError(f"no {kind.__name__}")


# --- Answers ---------------------------------------------------------------------------------------------------------


@check("a whole answer")
def _():
    answer = ask("hello big world")
    assert answer.object == "chat.completion" and answer.id.startswith("chatcmpl-")
    assert answer.model == "gpt-4o-mini" and abs(answer.created - time.time()) < 60
    assert answer.choices[0].message.content == "You said: hello big world"
    assert answer.choices[0].message.role == "assistant" and answer.choices[0].finish_reason == "stop"
    assert answer.usage.completion_tokens == 5 and answer.usage.prompt_tokens == 3 + 4 + 2 + 4 + 3
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + 5
    assert answer.usage.prompt_tokens_details.cached_tokens == 0


@check("response headers")
def _():
    raw = client().chat.completions.with_raw_response.create(
        model="m", messages=[{"role": "user", "content": "x"}])
    assert raw.headers["x-request-id"].startswith("req_") and int(raw.headers["openai-processing-ms"]) >= 1
    for what in ("limit", "remaining", "reset"):
        assert raw.headers[f"x-ratelimit-{what}-requests"] and raw.headers[f"x-ratelimit-{what}-tokens"]


@check("a stream without usage")
def _():
    text, finish, usage, count = joined(ask("hello big world", stream=True))
    assert (text, finish, usage, count) == ("You said: hello big world", "stop", None, 7), (text, finish, usage, count)


@check("a stream with usage in a last chunk without choices")
def _():
    chunks = list(ask("hello big world", stream=True, stream_options={"include_usage": True}))
    assert chunks[-1].choices == [] and chunks[-1].usage.completion_tokens == 5
    assert all(chunk.usage is None for chunk in chunks[:-1])
    assert len({chunk.id for chunk in chunks}) == 1 and len({chunk.created for chunk in chunks}) == 1
    assert chunks[0].choices[0].delta.role == "assistant" and chunks[0].choices[0].delta.content == ""


@check("stream and whole answer say the same, in any script")
def _():
    text = "Grüße 🦊 日本語 \"quoted\" \\ back [[sim: tokens=50]]"
    assert joined(ask(text, stream=True))[0] == ask(text).choices[0].message.content


@check("content as parts")
def _():
    parts = [{"type": "text", "text": "hello"}, {"type": "text", "text": "parts"}]
    answer = client().chat.completions.create(model="m", messages=[{"role": "user", "content": parts}])
    assert answer.choices[0].message.content == "You said: hello parts"


@check("max_tokens cuts with finish_reason length")
def _():
    answer = ask("one two three four", max_tokens=3)
    assert answer.choices[0].message.content == "You said: one" and answer.choices[0].finish_reason == "length"
    answer = ask("one two three four", max_completion_tokens=4)
    assert answer.choices[0].finish_reason == "length" and answer.usage.completion_tokens == 4


@check("the asynchronous client")
def _():
    import asyncio

    async def run():
        async with openai.AsyncOpenAI(base_url=BASE, api_key=KEY, max_retries=0) as asynchronous:
            stream = await asynchronous.chat.completions.create(
                model="m", messages=[{"role": "user", "content": "many [[sim: tokens=40 delay_ms=2]]"}], stream=True)
            return [chunk async for chunk in stream]

    assert len(asyncio.run(run())) == 42


@check("models")
def _():
    names = [model.id for model in client().models.list()]
    assert names and client().models.retrieve(names[0]).object == "model"


# --- Requests that OpenAI refuses ------------------------------------------------------------------------------------

BAD = openai.BadRequestError
USER = [{"role": "user", "content": "x"}]
for name, body, code, param in [
    ("missing model", {"messages": USER}, None, None),
    ("missing messages", {"model": "m"}, "missing_required_parameter", "messages"),
    ("messages as text", {"model": "m", "messages": "x"}, "invalid_type", "messages"),
    ("no messages", {"model": "m", "messages": []}, "empty_array", "messages"),
    ("message as text", {"model": "m", "messages": ["x"]}, "invalid_type", "messages[0]"),
    ("unknown role", {"model": "m", "messages": [{"role": "robot", "content": "x"}]}, "invalid_value",
     "messages[0].role"),
    ("missing role", {"model": "m", "messages": [{"content": "x"}]}, "missing_required_parameter", "messages[0].role"),
    ("missing content", {"model": "m", "messages": [{"role": "user"}]}, "missing_required_parameter",
     "messages[0].content"),
    ("content as number", {"model": "m", "messages": [{"role": "user", "content": 7}]}, "invalid_type",
     "messages[0].content"),
    ("model as number", {"model": 7, "messages": USER}, "invalid_type", "model"),
    ("stream as text", {"model": "m", "messages": USER, "stream": "yes"}, "invalid_type", "stream"),
    ("too hot", {"model": "m", "messages": USER, "temperature": 2.5}, "decimal_above_max_value", "temperature"),
    ("temperature as text", {"model": "m", "messages": USER, "temperature": "hot"}, "invalid_type", "temperature"),
    ("no tokens", {"model": "m", "messages": USER, "max_tokens": 0}, "integer_below_min_value", "max_tokens"),
    ("unknown parameter", {"model": "m", "messages": USER, "frobnicate": 1}, "unknown_parameter", "frobnicate"),
    ("stream_options without stream", {"model": "m", "messages": USER, "stream_options": {"include_usage": True}},
     None, "stream_options"),
]:
    @check(f"refused: {name}")
    def _(body=body, code=code, param=param):
        error = raises(BAD, lambda: client().post("/chat/completions", body=body, cast_to=object), 400)
        assert (error.type, error.code, error.param) == ("invalid_request_error", code, param), error.body


@check("refused: not JSON")
def _():
    request = urllib.request.Request(BASE + "/chat/completions", data=b"{", headers={"Authorization": f"Bearer {KEY}"})
    try:
        urllib.request.urlopen(request)
        raise AssertionError("accepted")
    except urllib.error.HTTPError as error:
        assert error.code == 400 and json.load(error)["error"]["type"] == "invalid_request_error"


@check("unknown URL")
def _():
    raises(openai.NotFoundError, lambda: client().get("/nothing", cast_to=object), 404)


# --- Errors on demand ------------------------------------------------------------------------------------------------

for fault, kind, status, code in [
    ("rate_limited", openai.RateLimitError, 429, "rate_limit_exceeded"),
    ("insufficient_quota", openai.RateLimitError, 429, "insufficient_quota"),
    ("server_error", openai.InternalServerError, 500, None),
    ("unavailable", openai.InternalServerError, 503, None),
    ("overloaded", openai.InternalServerError, 529, None),
    ("unauthorized", openai.AuthenticationError, 401, "invalid_api_key"),
    ("forbidden", openai.PermissionDeniedError, 403, "unsupported_country_region_territory"),
    ("context_length_exceeded", BAD, 400, "context_length_exceeded"),
    ("model_not_found", openai.NotFoundError, 404, "model_not_found"),
    ("status:409", openai.ConflictError, 409, None),
    ("status:422", openai.UnprocessableEntityError, 422, None),
    ("html:502", openai.InternalServerError, 502, None),
]:
    for stream in (False, True):
        @check(f"fault {fault}, stream={stream}")
        def _(fault=fault, kind=kind, status=status, code=code, stream=stream):
            raises(kind, lambda: ask(f"x [[sim: fault={fault}]]", stream=stream), status, code)


@check("retry-after, retry-after-ms and x-should-retry are sent as asked")
def _():
    error = raises(openai.RateLimitError, lambda: ask(
        "x [[sim: fault=429 retry_after=1.5 retry_after_ms=1500 should_retry=false]]"), 429)
    headers = error.response.headers
    assert (headers["retry-after"], headers["retry-after-ms"], headers["x-should-retry"]) == ("1.5", "1500", "false")


for fault in ("rate_limited", "server_error", "overloaded", "hang_up", "status:408", "status:409"):
    @check(f"the client's own retries get past {fault}")
    def _(fault=fault):
        text = f"again {fault} {time.time_ns()}"
        answer = ask(f"{text} [[sim: fault={fault} retry_after_ms=20 times=2]]", retries=3)
        assert answer.choices[0].message.content == f"You said: {text}"
        seen = control("GET", f"/requests?match={text.split()[-1]}")["requests"]
        assert len(seen) == 3, len(seen)


@check("x-should-retry: false stops the client's retries")
def _():
    mark = str(time.time_ns())
    raises(openai.InternalServerError, lambda: ask(f"{mark} [[sim: fault=500 should_retry=false]]", retries=3), 500)
    assert len(control("GET", f"/requests?match={mark}")["requests"]) == 1


# --- Broken streams --------------------------------------------------------------------------------------------------


def text_before_failure(text, **options):
    """The text a client had when its stream failed, and the failure; None when the stream ended quietly."""
    got = ""
    try:
        for chunk in ask(text, stream=True, **options):
            for choice in chunk.choices or []:
                got += choice.delta.content or ""
        return got, None
    except Exception as error:
        return got, error


@check("a cut connection")
def _():
    got, error = text_before_failure("a b c d [[sim: fault=cut_after:4]]")
    assert got == "You said: a b" and isinstance(error, openai.APIConnectionError), (got, error)


@check("a reset connection")
def _():
    got, error = text_before_failure("a b c d [[sim: delay_ms=5 fault=reset_after:4]]")
    assert got == "You said: a b" and isinstance(error, openai.APIConnectionError), (got, error)


@check("a clean end without finish_reason")
def _():
    text, finish, _, _ = joined(ask("a b c d [[sim: fault=end_after:4]]", stream=True))
    assert (text, finish) == ("You said: a b", None)


@check("finish_reason without [DONE]")
def _():
    assert joined(ask("a [[sim: fault=no_done]]", stream=True))[:2] == ("You said: a", "stop")


@check("[DONE] without finish_reason")
def _():
    assert joined(ask("a [[sim: fault=no_finish]]", stream=True))[:2] == ("You said: a", None)


@check("a broken frame")
def _():
    got, error = text_before_failure("a b [[sim: fault=broken_json_after:3]]")
    assert got == "You said: a" and isinstance(error, ValueError), (got, error)


@check("an error inside the stream")
def _():
    got, error = text_before_failure("a b [[sim: fault=error_after:3 code=rate_limit_exceeded type=requests]]")
    assert got == "You said: a" and type(error) is openai.APIError, (got, error)
    assert (error.code, error.type) == ("rate_limit_exceeded", "requests")


@check("silence runs into the client's timeout, and the simulator sees the client go")
def _():
    mark = str(time.time_ns())
    got, error = text_before_failure(f"a {mark} [[sim: fault=silence_after:3]]", timeout=0.3)
    assert got == "You said: a" and isinstance(error, (openai.APITimeoutError, openai.APIConnectionError)), (got, error)
    seen = control("GET", f"/requests?match={mark}&closed=true&wait=5")["requests"]
    assert len(seen) == 1 and seen[0]["tokens_sent"] == 3, seen


@check("a slow first byte runs into the client's timeout")
def _():
    raises(openai.APITimeoutError, lambda: ask("a [[sim: first_byte_ms=3000]]", timeout=0.3))


@check("endless tokens end when the client closes")
def _():
    mark = str(time.time_ns())
    stream = ask(f"{mark} [[sim: fault=endless delay_ms=1]]", stream=True)
    for _, chunk in zip(range(50), stream):
        pass
    closed = time.time()
    stream.close()
    seen = control("GET", f"/requests?match={mark}&closed=true&wait=5")["requests"]
    assert len(seen) == 1 and abs(seen[0]["client_closed_at"] - closed) < 1, seen


@check("slow tokens come one by one")
def _():
    start, times = time.time(), []
    for _ in ask("a [[sim: tokens=10 delay_ms=30]]", stream=True):
        times.append(time.time() - start)
    assert times[-1] > 0.3 and times[5] < times[-1] - 0.1, times


for fault in ("length", "content_filter"):
    @check(f"finish_reason {fault}")
    def _(fault=fault):
        assert joined(ask(f"a [[sim: fault={fault}]]", stream=True))[1] == fault
        assert ask(f"a [[sim: fault={fault}]]").choices[0].finish_reason == fault


@check("no usage although asked for")
def _():
    stream = ask("a [[sim: fault=no_usage]]", stream=True, stream_options={"include_usage": True})
    assert joined(stream)[2] is None


for fault in ("unknown_fields", "crlf", "comments", "usage_in_every_chunk", "huge_frame_after:1"):
    @check(f"a correct stream in another form: {fault}")
    def _(fault=fault):
        stream = ask(f"a b [[sim: bytes=100000 fault={fault}]]", stream=True, stream_options={"include_usage": True})
        text, finish, usage, _ = joined(stream)
        assert text.replace("x" * 100000, "") == "You said: a b" and finish == "stop" and usage.completion_tokens == 4


# --- Control ---------------------------------------------------------------------------------------------------------


@check("a rule for the next two requests that match")
def _():
    mark = str(time.time_ns())
    control("POST", "/faults", {"match": mark, "times": 2, "fault": {"kind": "unavailable", "retry_after": "0.01"}})
    raises(openai.InternalServerError, lambda: ask(f"first {mark}"), 503)
    assert ask("another").choices[0].message.content == "You said: another"
    raises(openai.InternalServerError, lambda: ask(f"second {mark}"), 503)
    assert ask(f"third {mark}").choices[0].message.content == f"You said: third {mark}"


@check("rules without times stay until deleted")
def _():
    mark = str(time.time_ns())
    control("POST", "/faults", {"match": mark, "fault": {"kind": "500"}})
    for _ in range(3):
        raises(openai.InternalServerError, lambda: ask(mark), 500)
    control("DELETE", "/faults")
    assert ask(mark).choices[0].finish_reason == "stop"


@check("the log holds what was asked")
def _():
    mark = str(time.time_ns())
    ask(mark, stream=False)
    (entry,) = control("GET", f"/requests?match={mark}&finished=true&wait=2")["requests"]
    assert entry["model"] == "gpt-4o-mini" and entry["messages"][-1] == {"role": "user", "content": mark}
    assert entry["status"] == 200 and entry["client_closed_at"] is None and abs(entry["at"] - time.time()) < 5


if len(sys.argv) > 2:
    @check("a wrong key")
    def _():
        raises(openai.AuthenticationError, lambda: client(key="sk-wrong-wrong").models.list(), 401, "invalid_api_key")


print(f"{passed} passed, {len(failed)} failed")
sys.exit(1 if failed else 0)
