#!/usr/bin/env python3
"""Checks the page's connections in headless Chromium, with the simulated providers' consent pages.

    connections_check.py --base-url http://127.0.0.1:8080 --mail-directory DIR --simulator-url http://127.0.0.1:9000
                         [--screenshots DIR] [--timeout S]

Gateway and worker as for accounts_check.py; the worker also serves the queue tokens, and both know the simulated Google,
Microsoft, Notion and Canvas (MASTER_KEYS, NAME_CLIENT_ID, NAME_CLIENT_SECRET, NAME_BASE_URL), where PUBLIC_URL is
registered. It makes an account of its own.
"""
import json
import sys
import urllib.request

from browser_checks import PHONE, main
from people import People

OUTCOME = ".outcome .notice:not(.busy)"


class Checks(People):
    """One person and four providers; the later parts use what the first ones connected."""

    def offering(self):
        page = self.newcomer("ada")
        page.click("#account-open")
        page.click("#menu-links >> text=Connections")
        page.wait_for_selector("#settings-title:has-text('Connections')")
        self.check("the title has the focus", self.focused(page) == "settings-title", self.focused(page))
        page.wait_for_selector("[aria-label='Accounts you can connect'] li")
        names = page.locator("[aria-label='Accounts you can connect'] .row-title").all_inner_texts()
        self.check("what can be connected is offered", names == ["Google", "Microsoft", "Notion", "Canvas"], names)
        self.check("nothing is connected yet", page.is_visible("text=No account is connected yet."))
        self.axe(page, "connections, none yet")
        self.shot(page, "connections-none")
        self.state = page.context.storage_state()

    def connecting(self):
        page = self.connections()
        page.click("[aria-label='Connect Google']")
        boxes = page.locator("dialog[open] input[type=checkbox]")
        self.check("the first of several purposes is ticked", [boxes.nth(n).is_checked() for n in range(boxes.count())]
                   == [True, False, False])
        self.axe(page, "what an account is for")
        self.shot(page, "connect-google")
        boxes.nth(0).uncheck()
        page.click("dialog[open] button[type=submit]")
        self.check("one purpose is needed", page.is_visible("dialog[open] .field-error:has-text('at least one')"))
        boxes.nth(0).check()
        boxes.nth(1).check()
        page.click("dialog[open] button[type=submit]")
        page.wait_for_url(f"{self.options.simulator_url}/google/**")
        self.axe(page, "the consent page")
        self.shot(page, "consent-google")
        page.click("button[value=allow]")
        page.wait_for_selector(OUTCOME)
        words = page.inner_text(OUTCOME)
        self.check("coming back, the page says that it is connected", "is connected" in words, words)
        self.check("the address keeps nothing of it", page.url == f"{self.base}/?view=connections", page.url)
        self.check("whose account it is stands in the list", "Connected as ada@" in self.row(page, "Google"),
                   self.row(page, "Google"))
        self.axe(page, "a connection")
        self.shot(page, "connected")
        page.reload()
        page.wait_for_selector(".connection-state")
        self.check("it is said once", page.locator(OUTCOME).count() == 0)

    def refusing(self):
        page = self.connections()
        page.click("[aria-label='Connect Notion']")
        page.wait_for_url(f"{self.options.simulator_url}/notion/**")
        page.click("button[value=deny]")
        page.wait_for_selector(OUTCOME)
        words = page.inner_text(OUTCOME)
        self.check("who said no is told that nothing was connected", "access was denied" in words, words)
        self.check("the address keeps nothing of it either", page.url == f"{self.base}/?view=connections", page.url)
        self.axe(page, "a refusal")
        self.shot(page, "connect-denied")

    def at_a_host(self):
        page = self.connections()
        page.click("[aria-label='Connect Canvas']")
        page.click("dialog[open] button[type=submit]")
        self.check("a host is needed", "needed" in self.field_error(page, "host", "dialog[open]"))
        self.tolerated = [r"status of 422"]
        page.fill("dialog[open] [name=host]", "localhost")
        page.click("dialog[open] button[type=submit]")
        words = self.field_error(page, "host", "dialog[open]")
        self.check("a host that is none is refused beside its field", "school.instructure.com" in words, words)
        self.axe(page, "the host's field")
        self.shot(page, "connect-canvas")
        self.tolerated = []
        page.fill("dialog[open] [name=host]", "https://School.Instructure.com/courses")
        page.click("dialog[open] button[type=submit]")
        page.wait_for_url(f"{self.options.simulator_url}/canvas/**")
        page.click("button[value=allow]")
        page.wait_for_selector(OUTCOME)
        self.check("an account at a school is connected", "school.instructure.com" in self.row(page, "Canvas"),
                   self.row(page, "Canvas"))

    def needing_somebody(self):
        page = self.connections()
        page.click("[aria-label^='Check Google']")
        words = self.toast(page)
        self.check("a check says what it found", "valid access token" in words, words)
        self.simulate("revoke", account="ada", provider="google")
        page.evaluate("""async () => {
          const { call } = await import("/assets/api.js");
          const { connections } = await call("/api/v1/tokens/connections");
          const { id } = connections.find(({ provider }) => provider === "google");
          const job = await call(`/api/v1/tokens/connections/${id}/refresh`, { method: "POST" });
          for (;;) {
            await call(`/api/v1/jobs/${job.id}?wait=1`);
            if ((await call(`/api/v1/tokens/connections/${id}`)).state === "needs_reconnect") return;
          }
        }""")
        page = self.connections()
        row = self.row(page, "Google")
        self.check("it is said that and why somebody is needed", "Needs to be connected again: Google withdrew" in row,
                   row)
        self.axe(page, "a connection that needs somebody")
        self.shot(page, "needs-reconnect")
        page.click("[aria-label^='Reconnect Google']")
        page.wait_for_url(f"{self.options.simulator_url}/google/**")
        self.check("the account is offered again", page.is_checked("input[name=account][value=ada]"))
        page.click("button[value=allow]")
        page.wait_for_selector(OUTCOME)
        self.check("then it is connected as before", "Connected as ada@" in self.row(page, "Google"))
        self.check("and is one connection", page.locator("[aria-label=Connections] li:has-text('Google')").count() == 1)

    def by_keyboard(self):
        page = self.connections()
        page.focus("[aria-label='Connect Google']")
        page.keyboard.press("Enter")
        page.wait_for_selector("dialog[open]")
        self.check("the dialog has the focus", page.evaluate("document.querySelector('dialog[open]').contains("
                                                             "document.activeElement)"))
        unseen = []
        for _ in range(5):
            if page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "none":
                unseen.append(self.focused(page))
            page.keyboard.press("Tab")
        self.check("every stop in it shows its focus", not unseen, unseen)
        page.keyboard.press("Escape")
        label = page.evaluate("document.activeElement.getAttribute('aria-label')")
        self.check("Escape gives the focus back", label == "Connect Google", label)

    def stranded(self):
        self.tolerated = [r"status of 400"]
        page = self.tab(self.context(), "/api/v1/integrations/callback?state=nobody&code=planted")
        self.check("who comes back to nowhere reads what that can mean", page.inner_text("h1") == "There is nothing to finish here")
        self.check("nothing of the address is shown", "planted" not in page.content())
        self.axe(page, "the page of who is stranded")
        self.shot(page, "stranded")
        self.tolerated = []

    def on_a_phone(self):
        page = self.connections(**PHONE)
        self.no_sideways(page, "connections")
        outside = page.evaluate("""[...document.querySelectorAll(".row button")].filter((button) =>
          button.getBoundingClientRect().right > button.closest(".row").getBoundingClientRect().right)
          .map((button) => button.textContent)""")
        self.check("phone: no button sticks out of its row", not outside, outside)
        self.axe(page, "phone, connections")
        self.shot(page, "phone-connections")
        page.click("[aria-label='Connect Canvas']")
        self.no_sideways(page, "the dialog")
        self.shot(page, "phone-connect")

    def in_the_dark(self):
        page = self.connections(color_scheme="dark")
        self.axe(page, "dark, connections")
        self.shot(page, "dark-connections")
        page.click("[aria-label='Connect Google']")
        self.axe(page, "dark, the dialog")
        self.shot(page, "dark-connect")

    def disconnecting(self):
        page = self.connections()
        page.click("[aria-label^='Disconnect Google']")
        page.wait_for_selector("dialog[open]")
        self.axe(page, "asking before it disconnects")
        self.shot(page, "disconnect")
        page.keyboard.press("Escape")
        label = page.evaluate("document.activeElement.getAttribute('aria-label')")
        self.check("it asks first, and Escape changes nothing", (label or "").startswith("Disconnect Google"), label)
        page.click("[aria-label^='Disconnect Google']")
        page.click("dialog[open] button[type=submit]")
        page.wait_for_selector(".toast:has-text('Google is disconnected.')")
        self.check("it is gone from the list", "Google" not in page.inner_text("[aria-label=Connections]"))
        with urllib.request.urlopen(f"{self.options.simulator_url}/_simulator/oauth/tokens"
                                    "?provider=google&account=ada&live=true") as answer:
            live = json.load(answer)["tokens"]
        self.check("the provider takes none of its tokens any more", live == [], len(live))

    # What they have in common

    def connections(self, **settings):
        """The view, in a browser in which the person has signed in."""
        page = self.tab(self.context(self.state, **settings), "/?view=connections")
        page.wait_for_selector("[aria-label='Accounts you can connect'] li")
        page.wait_for_function(
            "() => ![...document.querySelectorAll('.loading')].some((node) => node.checkVisibility())")
        return page

    def row(self, page, title):
        return page.inner_text(f"[aria-label=Connections] li:has-text('{title}')")

    def simulate(self, what, **body):
        request = urllib.request.Request(
            f"{self.options.simulator_url}/_simulator/oauth/{what}", json.dumps(body).encode(),
            {"Content-Type": "application/json"})
        with urllib.request.urlopen(request):
            pass


def add_options(parser):
    parser.add_argument("--mail-directory", required=True, help="where the worker keeps mails, as .eml files")
    parser.add_argument("--simulator-url", required=True, help="origin of the simulated providers")


def parts(checks):
    return [checks.offering, checks.connecting, checks.refusing, checks.at_a_host, checks.needing_somebody,
            checks.by_keyboard, checks.stranded, checks.on_a_phone, checks.in_the_dark, checks.disconnecting]


if __name__ == "__main__":
    sys.exit(main(Checks, __doc__, parts, add_options))
