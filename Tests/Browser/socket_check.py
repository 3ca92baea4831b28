#!/usr/bin/env python3
"""Checks the gateway's WebSocket with clients that others wrote: the package `websockets`, and Chromium.

The model behind the worker must understand the simulator's directives."""

import argparse
import asyncio
import json

import websockets
from playwright.async_api import async_playwright

# Runs in a page: authenticates by the first message, asks, and tells what came.
ASK = """async ([url, key, message]) => await new Promise(done => {
  const seen = []; let text = '', result = null;
  const socket = new WebSocket(url, ['errand.v1']);
  socket.onopen = () => socket.send(JSON.stringify({type: 'authenticate', token: key}));
  socket.onclose = end => done({seen, text, result, code: end.code, protocol: socket.protocol});
  socket.onmessage = ({data}) => {
    const said = JSON.parse(data);
    seen.push(said.event ?? said.type);
    if (said.type === 'welcome') socket.send(JSON.stringify({type: 'post', follow: true, message: {message}}));
    if (said.event === 'delta') text += said.data.text;
    if (said.event === 'end') { result = said.data.result?.text; socket.close(1000); }
  };
})"""
SEND = """async ([url, size]) => await new Promise(done => {
  const socket = new WebSocket(url);
  socket.onclose = end => done(end.code);
  socket.onopen = () => socket.send(size > 0 ? 'x'.repeat(size) : new Uint8Array(3));
})"""


def expect(what: str, found: object, wanted: object) -> None:
    if found != wanted:
        raise SystemExit(f"socket check: {what}: {found!r} rather than {wanted!r}")
    print(f"ok: {what}")


async def check_package(url: str, key: str) -> None:
    headers = {"Authorization": f"Bearer {key}"}
    async with websockets.connect(url, additional_headers=headers, subprotocols=["errand.v1"]) as socket:
        expect("subprotocol", socket.subprotocol, "errand.v1")
        expect("first message", json.loads(await socket.recv())["type"], "welcome")
        chat = {"type": "post", "follow": True, "message": {"message": "hello [[sim: tokens=40 delay_ms=20]]"}}
        await socket.send(json.dumps(chat))
        text, job, ids = "", None, []
        async for data in socket:
            message = json.loads(data)
            job = message.get("job") if message["type"] == "following" else job
            if message.get("event") == "end":
                break
            if message.get("event") == "delta":
                text += message["data"]["text"]
                ids.append(message["id"])
        expect("text of an answer", text, message["data"]["result"]["text"])
        await socket.send(json.dumps({"type": "follow", "job": job, "cursor": ids[-2]}))
        events = [json.loads(await socket.recv()) for _ in range(3)]
        expect("rest after a cursor", [one.get("id") for one in events[1:]], [ids[-1], message["id"]])
        # In pieces, as the package sends an iterable.
        await socket.send(iter(['{"type":"pi', 'ng","id":"', 'ä"}']))
        expect("message in pieces", json.loads(await socket.recv()), {"type": "pong", "id": "ä"})
        latency = await asyncio.wait_for(await socket.ping(b"x"), 5)
        expect("ping", latency < 5, True)
    expect("close", socket.close_code, 1000)
    for name, extra, status in [
        ("wrong key", {"Authorization": "Bearer wrong-key-0123456789"}, 401),
        ("foreign origin", {**headers, "Origin": "https://evil.example"}, 403),
    ]:
        try:
            async with websockets.connect(url, additional_headers=extra):
                raise SystemExit(f"socket check: {name} was let in")
        except websockets.InvalidStatus as refused:
            expect(name, refused.response.status_code, status)
            expect(f"{name}: form", refused.response.headers["content-type"], "application/problem+json")


async def check_browser(url: str, page_url: str, key: str, chromium: str) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = await browser.new_page()
        await page.goto(page_url)
        answer = await page.evaluate(ASK, [url, key, "hello [[sim: tokens=40 delay_ms=20]]"])
        expect("subprotocol in Chromium", answer["protocol"], "errand.v1")
        expect("beginning in Chromium", answer["seen"][:4], ["welcome", "accepted", "following", "attempt"])
        expect("text in Chromium", answer["text"], answer["result"])
        expect("close in Chromium", answer["code"], 1000)
        wrong = await page.evaluate(ASK, [url, "wrong-key-0123456789", "x"])
        expect("wrong key in Chromium", (wrong["seen"], wrong["code"]), (["error"], 4401))
        expect("message too large in Chromium", await page.evaluate(SEND, [url, 300_000]), 1009)
        expect("binary in Chromium", await page.evaluate(SEND, [url, 0]), 1003)
        await page.goto("data:text/html,elsewhere")
        foreign = await page.evaluate(ASK, [url, key, "x"])
        expect("another page in Chromium", (foreign["seen"], foreign["code"]), ([], 1006))
        await browser.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base-url", required=True)
    parser.add_argument("--key", required=True)
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    arguments = parser.parse_args()
    url = arguments.base_url.rstrip("/").replace("http", "ws", 1) + "/api/v1/ws"
    asyncio.run(check_package(url, arguments.key))
    asyncio.run(check_browser(url, arguments.base_url, arguments.key, arguments.chromium))


main()
