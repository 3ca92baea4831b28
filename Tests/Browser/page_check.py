#!/usr/bin/env python3
"""Checks the page at `/` in headless Chromium against any running gateway, with a real model or a simulator.

    page_check.py --base-url http://127.0.0.1:8080 --key KEY [--screenshots DIR] [--slow-suffix TEXT] [--timeout S]

Needs the PyPI packages playwright (1.65) and axe-playwright-python, and Debian's chromium. Prints one line a check,
then `N passed, N failed`; the exit code is 1 when one failed. It writes conversations and jobs into the key's tenant.
"""
import json
import sys
import time
import urllib.request

from playwright.sync_api import TimeoutError as BrowserTimeout

from browser_checks import PHONE, BrowserChecks, main

LONG = "Tell me a long story about a lighthouse keeper and a lost ship, with many details."
SHORT = "Name three colours."
ANSWER = ".exchange:last-child .answer-text"
LAST = ".exchange:last-child"
SETTLED = ".exchange:last-child .answer[aria-busy=false]"


class Checks(BrowserChecks):
    """The checks, and what they share: the gateway and the key."""

    def __init__(self, browser, options):
        super().__init__(browser, options)
        self.signed_in = None

    # Gateway

    def api(self, path, body=None):
        request = urllib.request.Request(self.base + path, headers={"Authorization": f"Bearer {self.options.key}"})
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=90) as response:
            return json.load(response)

    def finished_job(self, identity):
        deadline = time.monotonic() + self.options.timeout
        while time.monotonic() < deadline:
            job = self.api(f"/api/v1/jobs/{identity}?wait=25")
            if job["state"] in ("succeeded", "failed", "cancelled"):
                return job
        raise TimeoutError(f"job {identity} did not finish in {self.options.timeout} s")

    # Pages

    def page(self, path="/", signed_in=True, **context):
        return self.tab(self.context(self.signed_in if signed_in else None, **context), path)

    def send(self, page, text):
        """Types and sends; returns the answer of the POST: the job with conversation_id."""
        page.fill("#draft", text)
        with page.expect_response(lambda r: r.url.endswith("/chat/messages") and r.request.method == "POST") as answer:
            page.press("#draft", "Enter")
        return answer.value.json()

    def long(self):
        return f"{LONG} {self.options.slow_suffix}".strip()

    def wait_text(self, page, more_than=0):
        """Waits until the last answer is longer than this; returns its text."""
        page.wait_for_function(
            "([s, n]) => (document.querySelector(s)?.textContent.length ?? 0) > n", arg=[ANSWER, more_than])
        return self.text(page)

    def text(self, page):
        return page.locator(ANSWER).evaluate("node => node.textContent")

    def is_running(self, page):
        return page.locator(f"{LAST} .answer[aria-busy=true]").count() == 1

    def settle(self, page):
        page.wait_for_selector(SETTLED)

    def stop(self, page):
        """Ends the last answer, unless it has ended by itself."""
        try:
            page.click("#stop", timeout=1000)
        except BrowserTimeout:
            pass
        self.settle(page)

    # Parts

    def the_key(self):
        self.tolerated = [r"status of 401"]
        page = self.page(signed_in=False)
        has_accounts = page.evaluate("document.documentElement.dataset.accounts === 'on'")
        if has_accounts:
            page.click("#use-key")
        self.check("the first use asks for the key", self.comes(page, "#key-dialog[open]"))
        self.axe(page, "key dialog")
        self.shot(page, "key-dialog")
        page.fill("#key-input", "certainly-not-the-key")
        page.press("#key-input", "Enter")
        page.wait_for_function("() => document.querySelector('#key-error').textContent !== ''")
        words = page.inner_text("#key-error")
        self.check("a wrong key is refused in words", "not accepted" in words, words)
        page.keyboard.press("Escape")
        if has_accounts:
            self.check("the dialog can be left for signing in", self.comes(page, "#key-dialog", "hidden")
                       and self.comes(page, "#gate-title"))
            page.click("#use-key")
        else:
            page.keyboard.press("Escape")
            # Closing is an event; what is still open after it stays open.
            page.wait_for_timeout(100)
            self.check("the dialog cannot be left without a key", page.locator("#key-dialog[open]").is_visible())
        self.tolerated = []
        page.fill("#key-input", self.options.key)
        page.press("#key-input", "Enter")
        self.check("the right key opens the page", self.comes(page, "#key-dialog", "hidden")
                   and self.comes(page, "#draft"))
        page.click("#sign-out")
        page.wait_for_selector("#gate-title" if has_accounts else "#key-dialog[open]")
        self.check("signing out forgets the key", page.evaluate("localStorage.length") == 0)
        other = self.page(f"/#key={self.options.key}", signed_in=False)
        other.wait_for_function("() => location.hash === ''")
        self.check("the key of the address is taken over and removed from it",
                   other.locator("#key-dialog[open]").count() == 0)
        self.signed_in = other.context.storage_state()

    def policy(self):
        with urllib.request.urlopen(self.base + "/") as response:
            policy = response.headers.get("Content-Security-Policy", "")
        self.check("the page is served with a policy without unsafe-inline",
                   "default-src 'self'" in policy and "unsafe" not in policy, policy or "no header")

    def event_rules(self):
        """The parser and the cursor rules of stream.js, run in the browser on the page's own module."""
        page = self.page()
        parsed = page.evaluate("""async () => {
          const { EventParser } = await import("/assets/stream.js");
          const source = ": hello\\r\\nid: 1-0\\revent: attempt\\ndata: {\\"attempt\\":1}\\r\\n\\r\\n"
            + "id: 1-1\\nevent: delta\\ndata:one\\ndata: two\\n\\n"
            + "event: nothing\\n\\nretry: 700\\ndata: é🙂\\n\\ndata: unfinished";
          const whole = JSON.stringify(new EventParser().feed(source));
          for (let cut = 0; cut <= source.length; cut += 1) {
            const parser = new EventParser();
            const events = [...parser.feed(source.slice(0, cut)), ...parser.feed(source.slice(cut))];
            if (JSON.stringify(events) !== whole) return cut;
          }
          const parser = new EventParser();
          const single = [...source].flatMap((letter) => parser.feed(letter));
          return JSON.stringify(single) === whole ? whole : "letter by letter";
        }""")
        expected = [{"name": "attempt", "data": '{"attempt":1}', "id": "1-0"},
                    {"name": "delta", "data": "one\ntwo", "id": "1-1"},
                    {"name": "message", "data": "é🙂", "id": ""}]
        self.check("events are the same at every chunk boundary", isinstance(parsed, str) and parsed[0] == "["
                   and json.loads(parsed) == expected, parsed)
        states = page.evaluate("""async () => {
          const { Answer } = await import("/assets/stream.js");
          const answer = new Answer();
          return [["attempt", { attempt: 1 }, "1-0"], ["delta", { text: "a" }, "1-1"], ["delta", { text: "a" }, "1-1"],
            ["delta", { text: "b" }, "1-2"], ["snapshot", { text: "abc" }, "1-3"], ["snapshot", { text: "abc" }, "1-3"],
            ["delta", { text: "x" }, "1-3"], ["attempt", { attempt: 2 }, "2-0"], ["delta", { text: "z" }, "1-9"],
            ["delta", { text: "n" }, "2-1"], ["end", { state: "succeeded", result: { text: "new" } }, ""]]
            .map(([name, data, id]) => { answer.apply({ name, data: JSON.stringify(data), id }); return answer.text; });
        }""")
        self.check("attempt, delta, snapshot and end apply exactly, repeats and old attempts do not",
                   states == ["", "a", "a", "ab", "abc", "abc", "abc", "", "", "n", "new"], states)

    def streaming(self):
        page = self.page()
        self.check("a new conversation says what to do", page.locator("#welcome").is_visible())
        self.axe(page, "empty chat")
        self.shot(page, "welcome-light")
        job = self.send(page, self.long())
        first = self.wait_text(page)
        second = self.wait_text(page, len(first))
        self.check("the text grows while it is made", second.startswith(first) and self.is_running(page))
        self.shot(page, "streaming-light")
        self.check("the address names the conversation", f"conversation={job['conversation_id']}" in page.url, page.url)
        tab = self.tab(page.context, page.url.removeprefix(self.base))
        seen = self.wait_text(tab)
        self.check("a second tab shows the running answer", self.is_running(tab) and len(seen) > 0)
        page.reload()
        again = self.wait_text(page)
        self.check("after a reload in mid-answer the stream goes on",
                   self.is_running(page) and (again.startswith(first) or first.startswith(again)))
        self.settle(page)
        self.settle(tab)
        result = self.finished_job(job["id"])
        self.check("the answer succeeded", result["state"] == "succeeded", result["failure"])
        truth = (result["result"] or {}).get("text")
        self.check("the reloaded page ends with the text of the API", self.text(page) == truth)
        self.check("the second tab ends with the text of the API", self.text(tab) == truth)
        page.wait_for_timeout(200)
        said = page.inner_text("#announce")
        self.check("the finished answer is announced to screen readers once", said.split() == truth.split(), said[:60])
        page.reload()
        self.settle(page)
        self.check("a reload after the end shows the same text", self.text(page) == truth)
        self.axe(page, "finished answer")

    def markup_is_text(self):
        page = self.page()
        message = f"Say hi.\n  <img src=x onerror=\"document.title='broken'\"> {self.options.slow_suffix}"
        self.send(page, message)
        shown = page.locator(f"{LAST} .question p").evaluate("node => node.textContent")
        self.check("markup in a message stays text, line breaks stay", shown == message.strip()
                   and page.locator("#exchanges img").count() == 0, shown)
        self.stop(page)

    def stopping_and_order(self):
        page = self.page()
        job = self.send(page, self.long())
        self.wait_text(page, 10)
        waiting = self.send(page, SHORT)
        page.wait_for_selector(f"{LAST} .status:has-text('Waiting')")
        self.check("a message sent meanwhile is shown as waiting", page.locator(".exchange").count() == 2)
        self.shot(page, "waiting-light")
        page.click("#stop")
        page.wait_for_selector(".exchange:first-child .answer[aria-busy=false]")
        kept = page.locator(".exchange:first-child .answer-text").evaluate("node => node.textContent")
        ended = self.finished_job(job["id"])
        self.check("stop cancels the job", ended["state"] == "cancelled", ended["state"])
        self.check("the partial text stays", len(kept) > 10)
        self.check("the page says that it was stopped", "Stopped" in page.inner_text(".exchange:first-child .status"))
        self.settle(page)
        truth = self.finished_job(waiting["id"])
        self.check("then the waiting message is answered", truth["state"] == "succeeded"
                   and self.text(page) == truth["result"]["text"], truth["state"])
        self.shot(page, "stopped-light")
        page.reload()
        self.settle(page)
        page.wait_for_selector(".exchange:first-child .answer[aria-busy=false]")
        stored = page.locator(".exchange:first-child .answer-text").evaluate("node => node.textContent")
        is_same = stored != "" and (stored.startswith(kept) or kept.startswith(stored))
        self.check("the partial text is there after a reload", is_same,
                   f"{len(stored)} against {len(kept)} characters")

    def second_attempt(self):
        """A stream made up here: attempt 2 clears and is marked, the reconnect has the cursor, the end is real."""
        page = self.page()
        cursors = []

        def made_up(route):
            cursors.append(route.request.headers.get("last-event-id"))
            if len(cursors) > 1:
                return route.fallback() if len(cursors) > 2 else route.fulfill(status=503, body="")
            lines = [("1-0", "attempt", {"attempt": 1}), ("1-1", "delta", {"text": "old text"}),
                     ("2-0", "attempt", {"attempt": 2}), ("2-1", "delta", {"text": "new "}),
                     ("2-2", "delta", {"text": "text"})]
            body = "".join(f"id: {i}\nevent: {e}\ndata: {json.dumps(d)}\n\n" for i, e, d in lines)
            return route.fulfill(status=200, content_type="text/event-stream", body=body)

        self.tolerated = [r"status of 503"]
        page.route("**/events", made_up)
        job = self.send(page, SHORT)
        page.wait_for_selector(f"{LAST} .mark:has-text('Trying again (attempt 2)')")
        shown = self.text(page)
        self.check("a second attempt is marked and starts with an empty text", shown == "new text", shown)
        self.shot(page, "second-attempt-light")
        self.settle(page)
        self.check("a reconnect continues from the cursor", cursors[:3] == [None, "2-2", "2-2"], cursors)
        truth = self.finished_job(job["id"])["result"]["text"]
        self.check("the end brings the text of the API", self.text(page) == truth)
        self.tolerated = []

    def failures(self):
        self.tolerated = [r"status of (500|429)", r"ERR_FAILED", r"ERR_INTERNET_DISCONNECTED"]
        page = self.page()
        problem = {"type": "about:blank", "title": "Internal error", "status": 500, "code": "internal",
                   "request_id": "req-for-the-check"}
        page.route("**/chat/messages", lambda route: route.fulfill(
            status=500, content_type="application/problem+json", body=json.dumps(problem)))
        self.send(page, SHORT)
        page.wait_for_selector("#post-error:not([hidden])")
        words = page.inner_text("#post-error")
        self.check("a failed post is told in words with the request id",
                   "req-for-the-check" in words and "problem" in words, words)
        self.check("the draft survives a failed post", page.input_value("#draft") == SHORT)
        self.axe(page, "failed post")
        self.shot(page, "failed-post-light")
        page.reload()
        self.check("the draft survives a reload", page.input_value("#draft") == SHORT)
        page.unroute("**/chat/messages")
        self.lost_answer(page)
        page.context.set_offline(True)
        page.wait_for_selector("#banner:not([hidden])")
        self.shot(page, "offline-light")
        self.check("a banner says when the server cannot be reached", "cannot be reached" in page.inner_text("#banner"))
        page.context.set_offline(False)
        page.wait_for_selector("#banner", state="hidden")
        self.check("the banner leaves when the server is back", True)
        self.tolerated = []

    def lost_answer(self, page):
        """The post arrives, its answer is lost: sending again must not post twice."""
        page.route("**/chat/messages", lambda route: (route.fetch(), route.abort()))
        page.press("#draft", "Enter")
        page.wait_for_selector("#post-error:has-text('could not be reached')")
        page.unroute("**/chat/messages")
        with page.expect_response(lambda r: r.url.endswith("/chat/messages")) as answer:
            page.click("#post-error button")
        job = answer.value.json()
        self.settle(page)
        messages = self.api(f"/api/v1/chat/conversations/{job['conversation_id']}/messages")["messages"]
        count = sum(message["role"] == "user" for message in messages)
        newest = self.api("/api/v1/chat/conversations?limit=2")["conversations"]
        twins = [c for c in newest if c["title"] == newest[0]["title"] and c["id"] != job["conversation_id"]
                 and c["created_at"] >= job["created_at"]]
        self.check("sending again after a lost answer posts once", count == 1 and not twins,
                   f"{count} messages, twins {twins}")

    def job_list(self):
        page = self.page("/?view=jobs")
        page.wait_for_selector(".job")
        states = set(page.locator(".job .state").all_inner_texts())
        self.check("the list shows jobs that succeeded and that were cancelled",
                   {"Succeeded", "Cancelled"} <= states, states)
        self.check("a state is an icon and a word", page.locator(".job .state:not(:has(svg))").count() == 0)
        job = self.api("/api/v1/jobs", {"kind": "noop", "payload": {"sleep_ms": 9000}})
        mine = f".job:has(summary:has-text('{job['id']}'))"
        page.wait_for_selector(f"{mine} .state[data-state=running]")
        self.shot(page, "jobs-light")
        self.axe(page, "jobs")
        page.wait_for_selector(f"{mine} .state[data-state=succeeded]")
        self.check("a job's state changes live", True)
        page.locator(f"{mine} summary").press("Enter")
        page.wait_for_selector(f"{mine} .facts dd")
        self.check("the details name the job", job["id"] in page.inner_text(f"{mine} .facts"))
        job = self.api("/api/v1/jobs", {"kind": "noop", "payload": {"sleep_ms": 30000}})
        mine = f".job:has(summary:has-text('{job['id']}'))"
        page.locator(f"{mine} button").click()
        page.wait_for_selector(f"{mine} .state[data-state=cancelled]", timeout=60_000)
        self.check("a job is cancelled from the list", self.finished_job(job["id"])["state"] == "cancelled")
        page.select_option("#job-state", "cancelled")
        page.wait_for_selector(".job .state[data-state=cancelled]")
        page.wait_for_function(
            "() => [...document.querySelectorAll('.job .state')].every((s) => s.dataset.state === 'cancelled')")
        self.check("the list can be filtered by state", page.locator(".job").count() > 0)

    def keyboard(self):
        page = self.page("/?view=jobs")
        page.wait_for_selector("#jobs")
        page.keyboard.press("Tab")
        self.check("the first stop is the skip link", self.focused(page) == "skip", self.focused(page))
        page.keyboard.press("Enter")
        self.check("it leads to the content", self.focused(page) == "main", self.focused(page))
        page.reload()
        unseen = []
        for _ in range(12):
            page.keyboard.press("Tab")
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            if outline == "none":
                unseen.append(self.focused(page))
            if self.focused(page) == "to-chat":
                break
        self.check("every stop shows its focus", not unseen, unseen)
        page.keyboard.press("Enter")
        self.check("opening the chat leads to the message field", self.focused(page) == "draft", self.focused(page))
        page.keyboard.type(self.long())
        page.keyboard.press("Enter")
        self.wait_text(page)
        page.keyboard.press("Tab")
        self.check("the next stop is the stop button", self.focused(page) == "stop", self.focused(page))
        page.keyboard.press("Enter")
        self.settle(page)
        self.check("the keyboard alone sends and stops", "Stopped" in page.inner_text(f"{LAST} .status"))
        self.check("the focus is not lost", self.focused(page) == "draft", self.focused(page))

    def phone(self):
        page = self.page(**PHONE)
        self.no_sideways(page, "empty chat")
        page.fill("#draft", "A" * 200 + " " + SHORT)
        page.click("#send")
        self.wait_text(page)
        self.settle(page)
        self.no_sideways(page, "conversation")
        self.shot(page, "phone-light")
        page.click("#drawer-open")
        page.wait_for_function("() => getComputedStyle(document.querySelector('#drawer')).visibility === 'visible'")
        focused = self.focused(page)
        self.check("phone: the conversations open over the page", focused == "drawer-close", focused)
        page.wait_for_timeout(300)
        self.axe(page, "phone, conversations")
        self.shot(page, "phone-conversations")
        page.keyboard.press("Escape")
        self.check("phone: Escape closes them", self.focused(page) == "drawer-open", self.focused(page))
        page.click("#to-jobs")
        page.wait_for_selector(".job")
        self.no_sideways(page, "jobs")
        self.axe(page, "phone, jobs")
        self.shot(page, "phone-jobs")

    def dark(self):
        page = self.page(color_scheme="dark", reduced_motion="reduce")
        self.axe(page, "dark, empty chat")
        self.send(page, self.long())
        self.wait_text(page, 10)
        motion = page.locator(f"{LAST} .caret").evaluate("node => getComputedStyle(node).animationName")
        self.check("reduced motion is respected", motion == "none", motion)
        self.axe(page, "dark, streaming")
        self.shot(page, "streaming-dark")
        self.stop(page)
        page.click("#to-jobs")
        page.wait_for_selector(".job")
        self.axe(page, "dark, jobs")
        self.shot(page, "jobs-dark")


def add_options(parser):
    parser.add_argument("--key", required=True)
    parser.add_argument("--slow-suffix", default="", help="appended to messages whose answer must take a while")


def parts(checks):
    return [checks.the_key, checks.policy, checks.event_rules, checks.streaming, checks.markup_is_text,
            checks.stopping_and_order, checks.second_attempt, checks.failures, checks.job_list, checks.keyboard,
            checks.phone, checks.dark]


if __name__ == "__main__":
    sys.exit(main(Checks, __doc__, parts, add_options))
