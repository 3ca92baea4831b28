"""Parts of accounts_check.py: how somebody who was invited comes into a company."""


class JoiningParts:
    """What an invitation's link shows, and to whom."""

    def joining(self, link):
        """Somebody without an account follows an invitation: signs up, confirms, signs in, joins."""
        guest = self.tab(self.context(), link)
        guest.wait_for_selector("#gate-title:has-text('You are invited')")
        self.check("the invitation is out of the address", "eit_" not in guest.url, guest.url)
        self.check("who is invited sees by whom, to what and as what, before there is an account",
                   self.is_told(guest, "#gate-card"), guest.inner_text("#gate-card"))
        self.axe(guest, "invited")
        self.shot(guest, "invited")
        self.sign_up(guest, "vera")
        guest.goto(self.base + self.link(self.address("vera"), "verify"))
        guest.wait_for_selector("#gate-card [name=password]")
        self.sign_in(guest, "vera")
        guest.wait_for_selector("#settings-title:has-text('You are invited')")
        self.check("and again before joining", self.is_told(guest, "#settings-page"),
                   guest.inner_text("#settings-page"))
        self.axe(guest, "joining")
        self.shot(guest, "joining")
        guest.click("button:has-text('Join Engines & Sons')")
        guest.wait_for_selector("#account-workspace:has-text('Engines & Sons')")
        self.check("the second person joins the company", "Welcome" in self.toast(guest))
        self.late(link)
        return guest

    def is_told(self, page, place):
        page.wait_for_selector(f"{place} .invited strong")
        words = page.inner_text(f"{place} .invited")
        return all(text in words for text in (self.address("ada"), "Engines & Sons", "Viewer (reads everything)"))

    def late(self, link):
        """The same link once more."""
        self.tolerated = [r"status of 400"]
        page = self.tab(self.context(), link)
        page.wait_for_selector("#gate-card .notice.later")
        self.check("an invitation that was used says so", "was used" in page.inner_text("#gate-card"),
                   page.inner_text("#gate-card"))
        page.reload()
        page.wait_for_selector("#gate-title:has-text('Sign in')")
        self.check("and is forgotten then", page.locator(".invited").count() == 0)
        self.tolerated = []
