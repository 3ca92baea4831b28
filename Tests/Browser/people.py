"""People who use the page: their mails, their browsers and what they do at the gate."""
import email
import email.policy
import os
import pathlib
import re
import time

from browser_checks import BrowserChecks

PASSWORD = "seven purple lanterns drift north"


class People(BrowserChecks):
    """Signs people up and in, and reads their mails."""

    def __init__(self, browser, options):
        super().__init__(browser, options)
        self.mark = os.urandom(4).hex()
        self.seen = set()

    def address(self, name):
        return f"{name}-{self.mark}@example.org"

    # Mail

    def mails(self, address):
        """What came for somebody and was not looked at before: [(subject, text)]."""
        found = []
        for path in sorted(pathlib.Path(self.options.mail_directory).glob("*.eml")):
            message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            if path not in self.seen and address in (message["To"] or ""):
                self.seen.add(path)
                found.append((message["Subject"], message.get_body(("plain",)).get_content()))
        return found

    def link(self, address, kind):
        """The path of the link of the next mail of a kind: /#verify=…"""
        deadline = time.monotonic() + self.options.timeout
        while time.monotonic() < deadline:
            for _, text in self.mails(address):
                found = re.search(rf"https?://\S+(/#{kind}=\S+)", text)
                if found:
                    return found[1]
            time.sleep(0.1)
        raise TimeoutError(f"no mail with a link to {kind} for {address} in {self.options.timeout} s")

    # The gate

    def fill(self, page, name, value, form="#gate-card"):
        page.fill(f"{form} [name={name}]", value)

    def submit(self, page, form="#gate-card"):
        page.click(f"{form} button[type=submit]")

    def notice(self, page, form="#gate-card"):
        """What the form says above its fields, once it says something."""
        page.wait_for_selector(f"{form} .notice:not([hidden])")
        return page.inner_text(f"{form} .notice:not([hidden])")

    def field_error(self, page, name, form="#gate-card"):
        page.wait_for_selector(f"{form} [name={name}][aria-invalid=true]")
        described = page.get_attribute(f"{form} [name={name}]", "aria-describedby").split()[-1]
        return page.inner_text(f"#{described}")

    def sign_up(self, page, name, password=PASSWORD):
        page.goto(self.base + "/?view=sign-up")
        self.fill(page, "name", name.capitalize())
        self.fill(page, "email", self.address(name))
        self.fill(page, "password", password)
        self.submit(page)
        page.wait_for_selector("#gate-title:has-text('Look into your mail')")

    def sign_in(self, page, name, password=PASSWORD):
        """On the gate; leaves the page in use."""
        page.wait_for_selector("#gate-card [name=password]")
        self.fill(page, "email", self.address(name))
        self.fill(page, "password", password)
        self.submit(page)
        page.wait_for_selector("#account-open")

    def newcomer(self, name, **context):
        """A page of somebody who has just signed up, confirmed the address and signed in."""
        page = self.tab(self.context(**context))
        self.sign_up(page, name)
        page.goto(self.base + self.link(self.address(name), "verify"))
        page.wait_for_selector("#gate-title:has-text('Sign in')")
        self.sign_in(page, name)
        return page

    def visit(self, name, **context):
        """A page of somebody with an account, in a browser of its own."""
        page = self.tab(self.context(**context))
        self.sign_in(page, name)
        return page

    def open_view(self, page, view):
        page.goto(f"{self.base}/?view={view}")
        page.wait_for_selector("#settings-title:visible, #tasks-title:visible, #jobs-title:visible")
        if view == "tasks":
            page.wait_for_selector("#tasks-body .listing")
        page.wait_for_function(
            "() => ![...document.querySelectorAll('.loading')].some((node) => node.checkVisibility())")

    def toast(self, page):
        page.wait_for_selector(".toast.shown")
        return page.inner_text(".toast")
