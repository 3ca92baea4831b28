"""Parts of accounts_check.py: from signing up to deleting an account."""
import json
import subprocess

from people import PASSWORD

NEW_PASSWORD = "eleven quiet rivers under glass"


class AccountParts:
    """What one person does with one account."""

    def signing_up(self):
        page = self.tab(self.context())
        self.check("somebody new is asked to sign in", page.inner_text("#gate-title") == "Sign in")
        self.check("the field for the address has the focus", self.focused(page) == "email", self.focused(page))
        fields = page.locator("#gate-card input").evaluate_all("(inputs) => inputs.map((input) => input.autocomplete)")
        self.check("the browser knows what the fields are for", fields == ["username", "current-password"], fields)
        self.axe(page, "sign in")
        self.shot(page, "sign-in")
        page.click("text=Create an account")
        self.submit(page)
        self.check("what is missing is said beside its field", "needed" in self.field_error(page, "email"))
        self.check("the focus is on the first field that is wrong", self.focused(page) == "email", self.focused(page))
        self.fill(page, "email", "nobody at all")
        self.submit(page)
        self.check("what is no address is no address", "not an e-mail address" in self.field_error(page, "email"))
        self.axe(page, "sign up with errors")
        self.shot(page, "sign-up-errors")
        self.tolerated = [r"status of 400"]
        self.fill(page, "email", self.address("ada"))
        self.fill(page, "password", "password123")
        self.submit(page)
        reason = self.field_error(page, "password")
        self.check("a weak password is refused beside its field, with a reason", len(reason) > 20, reason)
        self.shot(page, "sign-up-weak")
        self.reveal(page)
        self.tolerated = []
        self.sign_up(page, "ada")
        self.axe(page, "look into your mail")
        self.shot(page, "sign-up-mail")
        self.tolerated = [r"status of 400"]
        page.goto(self.base + "/?view=sign-in")
        self.fill(page, "email", self.address("ada"))
        self.fill(page, "password", PASSWORD)
        self.submit(page)
        words = self.notice(page)
        self.check("before the address is confirmed the mail is pointed to", "mail" in words, words)
        link = self.link(self.address("ada"), "verify")
        page.goto(self.base + link[:-3] + "abc")
        page.wait_for_selector("#gate-title:has-text('does not work any more')")
        self.check("a broken link says so, and offers a new one", page.locator("#gate-card [name=email]").is_visible())
        self.axe(page, "broken link")
        self.shot(page, "link-broken")
        self.tolerated = []
        page.goto(self.base + link)
        page.wait_for_selector("#gate-title:has-text('Sign in')")
        self.check("the link confirms the address", "confirmed" in self.notice(page))
        self.check("no token stays in the address", "evt_" not in page.url and "#" not in page.url, page.url)
        self.check("no token stays in the browser", "evt_" not in page.evaluate(
            "JSON.stringify([{ ...sessionStorage }, { ...localStorage }, history.state])"))
        self.sign_in(page, "ada")
        self.check("signing in opens the chat", page.locator("#draft").is_visible())
        cookies = {cookie["name"]: cookie for cookie in page.context.cookies()}
        session = cookies.get("__Host-errand-session", {})
        self.check("the session is a cookie no script can read", session.get("httpOnly") and session.get("secure"))
        self.check("no token is kept where scripts can read it", "est_" not in page.evaluate(
            "JSON.stringify([{ ...sessionStorage }, { ...localStorage }, document.cookie])"))
        self.ada = page.context.storage_state()

    def reveal(self, page):
        page.click(".reveal")
        shown = page.get_attribute("#gate-card .secret input", "type")
        page.click(".reveal")
        hidden = page.get_attribute("#gate-card .secret input", "type")
        self.check("a password can be looked at and covered again", (shown, hidden) == ("text", "password"))

    def without_accounts(self):
        """The page as a gateway without accounts serves it."""
        context = self.context()

        def turn_off(route):
            answer = route.fetch()
            route.fulfill(response=answer, body=answer.text().replace('data-accounts="on"', 'data-accounts="off"'))

        context.route(self.base + "/", turn_off)
        page = self.tab(context)
        page.wait_for_selector("#key-dialog[open]")
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
        page.wait_for_timeout(100)
        self.check("without accounts the key is asked for, and the dialog cannot be left",
                   page.locator("#key-dialog[open]").is_visible() and page.locator("#key-cancel").is_hidden())

    def staying_signed_in(self):
        page = self.tab(self.context(self.ada))
        page.fill("#draft", "Name three colours.")
        page.press("#draft", "Enter")
        page.wait_for_selector(".exchange:last-child .answer[aria-busy=false]")
        answer = page.inner_text(".exchange:last-child .answer-text")
        self.check("a message is answered, its events read with the cookie", len(answer) > 5, answer)
        page.reload()
        page.wait_for_selector(".exchange:last-child .answer[aria-busy=false]")
        self.check("a reload stays signed in and in the conversation",
                   page.inner_text(".exchange:last-child .answer-text") == answer)
        page.click("#account-open")
        menu = page.inner_text("#account-menu")
        self.check("the menu names the person and the workspace", self.address("ada") in menu and "Personal" in menu,
                   menu)
        self.axe(page, "account menu")
        self.shot(page, "account-menu")
        page.keyboard.press("Escape")
        self.check("Escape closes the menu, the focus is back", self.focused(page) == "account-open",
                   self.focused(page))

    def wrong_words(self):
        """Nobody learns who has an account."""
        self.tolerated = [r"status of 400"]
        page = self.tab(self.context())
        said = []
        for address in (self.address("ada"), self.address("nobody")):
            self.fill(page, "email", address)
            self.fill(page, "password", "certainly not this one")
            self.submit(page)
            page.wait_for_selector("#gate-card form[aria-busy=false]")
            said.append(self.notice(page))
        self.check("a wrong password and an unknown address are told alike", said[0] == said[1], said)
        self.check("it says what to do", "do not belong together" in said[0], said[0])
        self.check("the address stays, the password does not", (page.input_value("#gate-card [name=email]"),
                   page.input_value("#gate-card [name=password]")) == (self.address("nobody"), ""))
        self.axe(page, "wrong password")
        self.shot(page, "sign-in-wrong")
        self.tolerated = []

    def devices(self):
        here = self.tab(self.context(self.ada))
        there = self.visit("ada", user_agent="Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
        self.open_view(here, "devices")
        here.wait_for_selector(".row:nth-child(2)")
        rows = here.locator(".row").all_inner_texts()
        self.check("both devices are listed, this one first", len(rows) == 2 and "This device" in rows[0]
                   and "Firefox on Linux" in rows[1], rows)
        self.axe(here, "devices")
        self.shot(here, "devices")
        there.fill("#draft", "An unfinished thought")
        here.click(".row:nth-child(2) button")
        here.wait_for_function("() => document.querySelectorAll('.row').length === 1")
        self.check("the other device is signed out", "signed out" in self.toast(here))
        self.tolerated = [r"status of 401"]
        there.press("#draft", "Enter")
        there.wait_for_selector("#ended-dialog[open]")
        self.check("there the page says that the session has ended",
                   "session has ended" in there.inner_text("#ended-dialog").lower())
        self.check("what was typed is still there", there.input_value("#draft") == "An unfinished thought")
        self.axe(there, "session ended")
        self.shot(there, "session-ended")
        self.fill(there, "password", PASSWORD, "#ended-dialog")
        self.submit(there, "#ended-dialog")
        there.wait_for_selector("#ended-dialog:not([open])", state="hidden")
        self.tolerated = []
        with there.expect_response(lambda r: r.url.endswith("/chat/messages") and r.request.method == "POST") as answer:
            there.click("#send")
        self.check("after signing in again the message is sent", answer.value.status == 202, answer.value.status)
        there.wait_for_selector(".exchange:last-child .answer[aria-busy=false]")
        self.check("and answered", there.locator(".exchange:last-child .answer-text").inner_text() != "")

    def forgotten_password(self):
        self.newcomer("grace").context.close()
        page = self.tab(self.context())
        page.click("text=Forgot your password?")
        self.axe(page, "forgot password")
        self.shot(page, "forgot")
        self.fill(page, "email", self.address("grace"))
        self.submit(page)
        page.wait_for_selector("#gate-title:has-text('Look into your mail')")
        link = self.link(self.address("grace"), "reset")
        page.goto(self.base + link)
        page.wait_for_selector("#gate-title:has-text('Choose a new password')")
        self.check("the token of the mail is out of the address", "ept_" not in page.url, page.url)
        self.axe(page, "new password")
        self.shot(page, "reset")
        self.fill(page, "password", NEW_PASSWORD)
        self.submit(page)
        page.wait_for_selector("#gate-title:has-text('Sign in')")
        self.check("the new password is saved", "saved" in self.notice(page))
        self.tolerated = [r"status of 400"]
        self.fill(page, "email", self.address("grace"))
        self.fill(page, "password", PASSWORD)
        self.submit(page)
        page.wait_for_selector("#gate-card .notice.error:not([hidden])")
        self.check("the old password does not work any more", True)
        page.goto(self.base + link)
        page.wait_for_selector("#gate-title:has-text('Choose a new password')")
        self.fill(page, "password", NEW_PASSWORD + " again")
        self.submit(page)
        self.check("the link works once", "used" in self.notice(page))
        self.tolerated = []
        page.click("#gate-card a:has-text('sign in')")
        self.sign_in(page, "grace", NEW_PASSWORD)
        self.check("the new password does", page.locator("#draft").is_visible())

    def account_settings(self):
        page = self.tab(self.context(self.ada))
        self.open_view(page, "account")
        self.axe(page, "account")
        self.shot(page, "account")
        form = "form[aria-label=Name]"
        self.fill(page, "name", "Ada <b>Lovelace</b>", form)
        self.submit(page, form)
        self.check("the name is saved", "saved" in self.toast(page))
        page.click("#account-open")
        self.check("markup in a name stays text", page.inner_text("#menu-name") == "Ada <b>Lovelace</b>")
        page.keyboard.press("Escape")
        self.tolerated = [r"status of 400"]
        form = "form[aria-label=Password]"
        self.fill(page, "current_password", "not this one", form)
        self.fill(page, "new_password", NEW_PASSWORD, form)
        self.submit(page, form)
        wrong = self.field_error(page, "current_password", form)
        self.check("a wrong current password is said beside its field", "not your current" in wrong, wrong)
        self.tolerated = []
        self.fill(page, "current_password", PASSWORD, form)
        self.fill(page, "new_password", PASSWORD + " indeed", form)
        self.submit(page, form)
        page.wait_for_selector(f"{form} .notice.good")
        self.check("the password is changed, this device stays signed in", "changed" in self.notice(page, form))
        self.fill(page, "current_password", PASSWORD + " indeed", form)
        self.fill(page, "new_password", PASSWORD, form)
        with page.expect_response("**/change-password") as answer:
            self.submit(page, form)
        self.check("and back", answer.value.status == 204, answer.value.status)
        self.change_address(page)

    def change_address(self, page):
        form = "form[aria-label='E-mail address']"
        self.fill(page, "email", self.address("augusta"), form)
        self.fill(page, "current_password", PASSWORD, form)
        self.submit(page, form)
        words = self.notice(page, form)
        self.check("a new address has to be confirmed", "mail" in words, words)
        page.goto(self.base + self.link(self.address("augusta"), "verify"))
        page.wait_for_selector(".toast.shown")
        self.check("its link changes it, without signing in again", "confirmed" in self.toast(page))
        page.click("#account-open")
        self.check("the menu shows the new address", self.address("augusta") in page.inner_text("#account-menu"))
        self.open_view(page, "account")
        self.fill(page, "email", self.address("ada"), form)
        self.fill(page, "current_password", PASSWORD, form)
        self.submit(page, form)
        page.goto(self.base + self.link(self.address("ada"), "verify"))
        page.wait_for_selector(".toast.shown")

    def ended_session(self):
        """Signing out ends it for good, in other tabs of the browser too."""
        page = self.visit("ada")
        tab = self.tab(page.context)
        tab.wait_for_selector("#account-open")
        cookies = page.context.cookies()
        page.click("#account-open")
        page.click("#menu-sign-out")
        page.wait_for_selector("#gate-title")
        tab.wait_for_selector("#gate-title")
        self.check("signing out signs out the other tab too", True)
        self.check("nothing is kept", page.evaluate("localStorage.length + document.cookie.length") == 0)
        self.tolerated = [r"status of 401"]
        page.context.add_cookies(cookies)
        page.reload()
        page.wait_for_selector("#gate-title")
        self.check("the old cookie opens nothing", page.locator("#account-open").is_hidden())
        self.tolerated = []

    def waiting(self):
        """Answers made up here: too many tries, the server away, cookies that the browser does not keep."""
        self.tolerated = [r"status of 429", r"ERR_FAILED"]
        page = self.tab(self.context())
        self.fill(page, "email", self.address("ada"))
        self.fill(page, "password", PASSWORD)
        limited = {"status": 429, "code": "rate_limited", "title": "Too Many Requests", "detail": "Wait."}
        page.route("**/jwt/login", lambda route: route.fulfill(status=429, headers={"Retry-After": "3"},
                   content_type="application/problem+json", body=json.dumps(limited)))
        self.submit(page)
        words = self.notice(page)
        self.check("too many tries: it says how long to wait", "3 seconds" in words, words)
        button = page.inner_text("#gate-card button[type=submit]")
        self.check("the button counts down", "Wait" in button, button)
        self.axe(page, "too many tries")
        self.shot(page, "sign-in-limited")
        page.wait_for_selector("#gate-card button[type=submit]:has-text('Sign in')")
        page.unroute("**/jwt/login")
        page.route("**/jwt/login", lambda route: route.abort())
        self.submit(page)
        page.wait_for_selector("#gate-card .notice:has-text('could not be reached')")
        self.check("offline: it says so, and what was typed stays",
                   page.input_value("#gate-card [name=password]") == PASSWORD)
        page.unroute("**/jwt/login")
        page.route("**/jwt/login", lambda route: route.fulfill(status=200, json={"csrf_token": "none"}))
        self.submit(page)
        page.wait_for_selector("#gate-card .notice:has-text('https://')")
        self.check("a browser that keeps no cookie is told why", True)
        self.tolerated = []

    def leaving(self):
        page = self.newcomer("brief")
        self.open_view(page, "account")
        page.click("text=Delete my account…")
        self.axe(page, "delete the account")
        self.shot(page, "delete-account")
        self.tolerated = [r"status of 400"]
        self.fill(page, "current_password", "not this", "dialog[open]")
        self.submit(page, "dialog[open]")
        self.check("deleting needs the password", "not your password" in self.field_error(
            page, "current_password", "dialog[open]"))
        self.fill(page, "current_password", PASSWORD, "dialog[open]")
        self.submit(page, "dialog[open]")
        page.wait_for_selector("#gate-title")
        self.check("deleting the account leads back to the gate", page.evaluate("document.cookie") == "")
        self.fill(page, "email", self.address("brief"))
        self.fill(page, "password", PASSWORD)
        self.submit(page)
        self.check("a deleted account cannot sign in", "do not belong together" in self.notice(page))
        self.tolerated = []

    def curl(self, path, key):
        """Status and body of a request by curl, as a program with a key makes it."""
        command = ["curl", "--silent", "--max-time", "20", "--write-out", "\n%{http_code}", "--header",
                   f"Authorization: Bearer {key}", self.base + path]
        body, _, status = subprocess.run(command, capture_output=True, text=True, check=True).stdout.rpartition("\n")
        return int(status), body
