"""Channels and their notifications."""

import datetime
import http.server
import queue
import threading
import time

import requests

from calendar_checks.harness import ask, check, CONTROL, control, empty, equal, google, insert, refused, timed


class Sink:
    """A place for notifications. `answers` are statuses to give first; then 200."""

    def __init__(self, *answers):
        self.seen, statuses = queue.Queue(), list(answers)

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(handler):  # noqa: N802, N805
                length = int(handler.headers.get("content-length") or 0)
                body = handler.rfile.read(length)
                self.seen.put((dict((n.lower(), v) for n, v in handler.headers.items()), body))
                handler.send_response(statuses.pop(0) if statuses else 200)
                handler.send_header("content-length", "0")
                handler.end_headers()

            def log_message(handler, *_):  # noqa: N805
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"

    def next(self, seconds=10):
        return self.seen.get(timeout=seconds)

    def is_quiet(self):
        deadline = time.monotonic() + 10
        while ask("notifications")["waiting"] > 0 and time.monotonic() < deadline:
            time.sleep(0.01)
        return self.seen.empty()


def watch(service, sink, id_, **more):
    body = {"id": id_, "type": "web_hook", "address": sink.url, "token": "secret=1", **more}
    return service.events().watch(calendarId="primary", body=body)


@check("a channel tells of its beginning and of every change")
def _():
    service, sink = empty(), Sink()
    channel = watch(service, sink, "channel-1").execute()
    assert abs(int(channel["expiration"]) / 1000 - time.time() - 604_800) < 60, channel
    headers, body = sink.next()
    equal(body, b"")
    wanted = {"x-goog-channel-id": "channel-1", "x-goog-channel-token": "secret=1", "x-goog-resource-state": "sync",
              "x-goog-message-number": "1", "x-goog-resource-id": channel["resourceId"],
              "x-goog-resource-uri": channel["resourceUri"]}
    equal({n: headers[n] for n in wanted}, wanted)
    ends = datetime.datetime.strptime(headers["x-goog-channel-expiration"], "%a, %d %b %Y %H:%M:%S GMT")
    # A text of whole seconds, and a number of milliseconds.
    apart = ends.replace(tzinfo=datetime.UTC).timestamp() - int(channel["expiration"]) / 1000
    assert abs(apart) <= 1, (ends, channel["expiration"])
    made = insert(service, timed())
    equal((sink.next()[0]["x-goog-resource-state"]), "exists")
    control("mutate", account="ada", count=3, seed=1)
    numbers = sorted(int(sink.next()[0]["x-goog-message-number"]) for _ in range(3))
    assert numbers[0] > 2 and len(set(numbers)) == 3, numbers
    service.channels().stop(body={"id": "channel-1", "resourceId": channel["resourceId"]}).execute()
    service.events().delete(calendarId="primary", eventId=made["id"]).execute()
    assert sink.is_quiet()
    refused(service.channels().stop(body={"id": "channel-1", "resourceId": channel["resourceId"]}), 404, "notFound")


@check("channels that are refused, and those that end")
def _():
    service, sink = empty(), Sink()
    week = int((time.time() + 30 * 86_400) * 1000)
    first = watch(service, sink, "c1", expiration=str(week)).execute()
    assert int(first["expiration"]) < week - 20 * 86_400_000, first
    refused(watch(service, sink, "c1"), 400, "channelIdNotUnique")
    refused(watch(service, sink, "c 2"), 400, "invalid")
    refused(watch(service, sink, "x" * 65), 400, "invalid")
    refused(watch(service, sink, "c3", type="email"), 400, "invalid")
    refused(watch(service, sink, "c4", address="http://example.com/hook"), 400, "push.webhookUrlNotHttps")
    refused(watch(service, sink, "c5", token="t" * 257), 400, "invalid")
    refused(watch(service, sink, "c6", expiration=str(int(time.time() * 1000) - 5)), 400, "pushInvalidTtl")
    refused(service.channels().stop(body={"id": "c1", "resourceId": "other"}), 404, "notFound")
    short = watch(service, sink, "c7", params={"ttl": "3600"}).execute()
    assert abs(int(short["expiration"]) / 1000 - time.time() - 3600) < 60
    equal({sink.next()[0]["x-goog-channel-id"] for _ in range(2)}, {"c1", "c7"})
    equal(control("channels/expire", account="ada")["ended"], 2)
    insert(service, timed())
    assert sink.is_quiet()
    refused(watch(service, sink, "c7"), 400, "channelIdNotUnique")
    control("settings", channel_seconds=0.2)
    watch(service, sink, "c8").execute()
    sink.next()
    time.sleep(0.3)
    insert(service, timed())
    assert sink.is_quiet()
    equal([c["channel"]["id"] for c in ask("channels", account="ada", open="true")["channels"]], [])


@check("notifications get lost, come twice and come late")
def _():
    service, sink = empty(), Sink()
    watch(service, sink, "c1").execute()
    sink.next()
    control("notifications", loss=0.3, duplication=0.3, delay_ms=50, seed=7)
    control("mutate", account="ada", count=100, seed=1)
    deadline = time.monotonic() + 20
    while (counts := ask("notifications"))["waiting"] > 0 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert 15 < counts["lost"] < 45 and 15 < counts["duplicated"] < 45, counts
    equal(sink.seen.qsize(), 100 - counts["lost"] + counts["duplicated"])
    numbers = [int(sink.next()[0]["x-goog-message-number"]) for _ in range(sink.seen.qsize())]
    assert numbers != sorted(numbers), "all in order"


@check("a notification is tried again after 503, and not after 400")
def _():
    service, sink = empty(), Sink(503, 500, 200, 400)
    watch(service, sink, "c1").execute()
    equal([sink.next()[0]["x-goog-message-number"] for _ in range(3)], ["1"] * 3)
    insert(service, timed())
    equal(sink.next()[0]["x-goog-message-number"], "2")
    assert sink.is_quiet()
    equal((ask("notifications")["accepted"], ask("notifications")["failed"]), (1, 1))


@check("a calendar that was taken away tells nothing")
def _():
    service, sink = empty(), Sink()
    shared = control("calendars", account="ada", title="Team")["id"]
    body = {"id": "c1", "type": "web_hook", "address": sink.url}
    service.events().watch(calendarId=shared, body=body).execute()
    sink.next()
    control("share", account="grace", calendar=shared, role="writer")
    other = google("grace")
    other.events().insert(calendarId=shared, body=timed()).execute()
    equal(sink.next()[0]["x-goog-resource-state"], "exists")
    control("unshare", account="ada", calendar=shared)
    other.events().insert(calendarId=shared, body=timed()).execute()
    assert sink.is_quiet()
    requests.delete(f"{CONTROL}/calendars", params={"calendar": shared})
    refused(other.events().list(calendarId=shared), 404, "notFound")
