"""Parts of accounts_check.py: API keys, companies, tasks and the activity log."""


class WorkspaceParts:
    """What people do in workspaces, alone and together."""

    def keys(self):
        page = self.tab(self.context(self.ada))
        self.open_view(page, "keys")
        self.check("without keys the page says so", page.locator("text=There are no keys yet.").is_visible())
        page.click("text=New key")
        self.submit(page, "dialog[open]")
        self.check("a key needs a name", "needed" in self.field_error(page, "name", "dialog[open]"))
        self.axe(page, "new key")
        self.fill(page, "name", "nightly report", "dialog[open]")
        self.shot(page, "key-new")
        self.submit(page, "dialog[open]")
        page.wait_for_selector("#made-key")
        key = page.input_value("#made-key")
        self.check("the key is shown, and the focus is on it", key.startswith("errand_")
                   and self.focused(page) == "made-key", self.focused(page))
        self.axe(page, "made key")
        self.shot(page, "key-made")
        page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=self.base)
        page.click("#new-key button:has-text('Copy')")
        page.wait_for_selector("#new-key button:has-text('Copied')")
        self.check("the button copies it", page.evaluate("navigator.clipboard.readText()") == key)
        status, _ = self.curl("/api/v1/jobs?limit=1", key)
        self.check("curl gets in with it", status == 200, status)
        status, _ = self.curl("/api/v1/tasks", key)
        self.check("but only to what it may do", status == 403, status)
        page.reload()
        page.wait_for_selector(".row:has-text('nightly report')")
        self.check("after a reload the key is not shown again", key not in page.content())
        self.shot(page, "keys")
        self.by_fragment(key)
        page.click(".row button:has-text('Revoke')")
        self.submit(page, "dialog[open]")
        page.wait_for_selector(".empty-note:not([hidden])")
        status, _ = self.curl("/api/v1/jobs?limit=1", key)
        self.check("a revoked key opens nothing", status == 401, status)

    def by_fragment(self, key):
        other = self.tab(self.context(), f"/#key={key}")
        other.wait_for_function("() => location.hash === ''")
        other.wait_for_selector("#sign-out")
        self.check("the page still takes a key from its address", other.locator("#draft").is_visible())

    def companies(self):
        owner = self.tab(self.context(self.ada))
        self.open_view(owner, "new-company")
        self.axe(owner, "new company")
        self.shot(owner, "company-new")
        self.fill(owner, "name", "Engines & Sons", "form[aria-label='New company']")
        self.submit(owner, "form[aria-label='New company']")
        owner.wait_for_selector("#account-workspace:has-text('Engines & Sons')")
        self.check("a new company is worked in at once", "is made" in self.toast(owner))
        self.open_view(owner, "company")
        form = "form[aria-label='Invite somebody']"
        self.fill(owner, "email", self.address("vera"), form)
        owner.select_option(f"{form} [name=role]", "viewer")
        self.submit(owner, form)
        owner.wait_for_selector(f"{form} .notice.good")
        self.check("an invitation is sent and listed",
                   owner.locator(".row", has_text=self.address("vera")).count() == 1)
        owner.wait_for_selector(".toast.shown", state="hidden")
        self.axe(owner, "company")
        self.shot(owner, "company")
        link = self.link(self.address("vera"), "invitation")
        guest = self.joining(link)
        self.viewing(guest)
        self.open_view(owner, "company")
        row = owner.locator(".row", has_text=self.address("vera"))
        row.locator("select").select_option("member")
        self.check("the owner makes the viewer a member", "member now" in self.toast(owner))
        self.open_view(guest, "tasks")
        guest.fill(".adding [name=title]", "Count the cogs")
        guest.press(".adding [name=title]", "Enter")
        guest.wait_for_selector(".row:has-text('Count the cogs')")
        self.check("now tasks can be made", True)
        row.locator("button").click()
        self.submit(owner, "dialog[open]")
        owner.wait_for_selector(".toast:has-text('not a member')")
        self.tolerated = [r"status of 404"]
        guest.reload()
        guest.wait_for_selector("#account-workspace:has-text('Personal')")
        self.check("who is removed is in the own workspace again", True)
        self.tolerated = []
        self.last_owner(owner)

    def viewing(self, guest):
        self.open_view(guest, "tasks")
        self.check("a viewer finds no field for new tasks", guest.locator(".adding").count() == 0
                   and "viewer" in guest.inner_text("#tasks-body"))
        self.shot(guest, "tasks-viewer")
        status = guest.evaluate("""async () => {
          const { call } = await import("/assets/api.js");
          const body = { title: "not mine" };
          return call("/api/v1/tasks", { method: "POST", body }).then(() => 201, (error) => error.status);
        }""")
        self.tolerated = []
        self.complaints = [text for text in self.complaints if "403" not in text]
        self.check("and the server refuses it", status == 403, status)
        guest.goto(self.base)
        guest.wait_for_selector("#draft:disabled")
        self.check("nor can a viewer write messages", "viewer" in guest.inner_text("#draft-hint"))
        self.shot(guest, "chat-viewer")
        self.open_view(guest, "company")
        self.check("a viewer sees the members and changes nothing", guest.locator(".row").count() == 2
                   and guest.locator("#settings-page select").count() == 0)
        self.axe(guest, "company as a viewer")

    def last_owner(self, owner):
        self.tolerated = [r"status of 409"]
        self.open_view(owner, "company")
        owner.click("text=Leave the company…")
        self.submit(owner, "dialog[open]")
        words = self.notice(owner, "dialog[open]")
        self.check("the last owner cannot leave, and is told why", "always has an owner" in words, words)
        self.shot(owner, "company-leave")
        self.tolerated = []
        owner.keyboard.press("Escape")
        owner.click("#account-open")
        owner.click("#account-menu button:has-text('Personal')")
        owner.wait_for_selector("#account-workspace:has-text('Personal')")
        self.open_view(owner, "tasks")
        self.check("another workspace has other tasks", owner.locator(".row").count() == 0)

    def tasks(self):
        page = self.tab(self.context(self.ada))
        page.click("#account-open")
        page.click("#account-menu button:has-text('Engines & Sons')")
        page.wait_for_selector("#account-workspace:has-text('Engines & Sons')")
        self.company_state = page.context.storage_state()
        self.open_view(page, "tasks")
        today = page.evaluate("import('/assets/tasks.js').then(({ day }) => [day(-1), day(0), day(3)])")
        titles = ["Oil the mill", "Order <i>brass</i>", "Write the notes"]
        for title, due in zip(titles, today):
            page.fill(".adding [name=title]", title)
            page.fill(".adding [name=due_date]", due)
            page.press(".adding [name=title]", "Enter")
            page.wait_for_selector(f".row:has-text('{title}')")
        self.check("the focus stays in the line for new tasks", self.focused(page) == "title", self.focused(page))
        self.check("markup in a title stays text", page.locator(".row i").count() == 0)
        self.check("a task that is late says so", "Overdue" in page.inner_text(".row:has-text('Oil the mill')"))
        self.axe(page, "tasks")
        self.shot(page, "tasks")
        self.editing(page)
        self.filtering(page)
        self.finishing(page)

    def editing(self, page):
        page.click(".task-title:has-text('Write the notes')")
        self.axe(page, "edit a task")
        self.shot(page, "task-edit")
        page.fill("dialog[open] [name=notes]", "Note G first.")
        page.select_option("dialog[open] [name=status]", "in_progress")
        page.select_option("dialog[open] [name=owner_id]", label="Me")
        self.submit(page, "dialog[open]")
        page.wait_for_selector(".row:has-text('Note G first.'):has-text('In progress'):has-text('Me')")
        self.check("a task is edited: notes, status and who does it", True)
        page.click(".task-title:has-text('Write the notes')")
        page.evaluate("""async () => {
          const { call } = await import("/assets/api.js");
          const { tasks } = await call("/api/v1/tasks?q=notes");
          await call(`/api/v1/tasks/${tasks[0].id}`, { method: "PATCH", body: { due_date: null } });
        }""")
        self.tolerated = [r"status of 412"]
        page.fill("dialog[open] [name=title]", "Write all the notes")
        self.submit(page, "dialog[open]")
        words = self.notice(page, "dialog[open]")
        self.check("a change by somebody else meanwhile is told", "Somebody changed" in words, words)
        self.tolerated = []
        self.submit(page, "dialog[open]")
        page.wait_for_selector(".row:has-text('Write all the notes')")
        self.check("saving again keeps one's own, and their other changes",
                   page.locator(".row:has-text('Write all the notes') time").count() == 0)

    def filtering(self, page):
        def shown():
            page.wait_for_timeout(400)
            page.wait_for_load_state("networkidle")
            return sorted(page.locator(".task-title").all_inner_texts())

        page.select_option(".filters [name=due]", "overdue")
        self.check("filter: overdue", shown() == ["Oil the mill"], shown())
        page.select_option(".filters [name=due]", "today")
        self.check("filter: today", shown() == ["Order <i>brass</i>"], shown())
        page.select_option(".filters [name=due]", "")
        page.select_option(".filters [name=status]", "in_progress")
        self.check("filter: status", shown() == ["Write all the notes"], shown())
        page.select_option(".filters [name=status]", label="Cancelled")
        page.select_option(".filters [name=due]", "overdue")
        self.check("what is finished is not overdue", shown() == [], shown())
        page.select_option(".filters [name=due]", "")
        page.select_option(".filters [name=status]", label="Not finished")
        page.fill(".filters [name=q]", "mill")
        self.check("search", shown() == ["Oil the mill"], shown())
        page.fill(".filters [name=q]", "no such task")
        self.check("nothing found is said", shown() == [] and page.locator(".empty-note:visible").count() == 1)
        page.fill(".filters [name=q]", "")
        shown()

    def finishing(self, page):
        page.check(".row:has-text('Oil the mill') input")
        page.wait_for_selector(".toast:has-text('Done: Oil the mill')")
        page.reload()
        page.wait_for_selector(".task-title")
        self.check("what is done leaves the list of things to do",
                   page.locator(".row:has-text('Oil the mill')").count() == 0)
        page.select_option(".filters [name=status]", "done")
        page.wait_for_selector(".row:has-text('Oil the mill')")
        self.one_request(page)
        page.select_option(".filters [name=status]", label="Not finished")
        page.wait_for_selector(".row:has-text('brass')")
        page.click(".row:has-text('brass') [aria-label^=Delete]")
        page.wait_for_selector(".toast:has-text('Deleted')")
        self.check("deleting moves the focus on, not away", self.focused(page) not in ("BODY", "main"),
                   self.focused(page))
        self.shot(page, "task-deleted")
        page.click(".toast button:has-text('Undo')")
        page.wait_for_selector(".row:has-text('brass')")
        self.check("a deleted task comes back by undo", "Restored" in self.toast(page))
        page.click(".row:has-text('brass') [aria-label^=Delete]")
        page.wait_for_selector(".toast:has-text('Deleted')")
        page.select_option(".filters [name=status]", "deleted")
        page.wait_for_selector(".row:has-text('brass') >> text=Restore")
        self.axe(page, "deleted tasks")
        page.click(".row:has-text('brass') >> text=Restore")
        page.select_option(".filters [name=status]", "")
        page.wait_for_selector(".row:has-text('brass')")
        self.check("and from the list of deleted ones", True)

    def one_request(self, page):
        """However many finished tasks lie between them, those that are not are asked for once."""
        asked = []
        page.on("request", lambda request: asked.append(request.url) if "/api/v1/tasks?" in request.url else None)
        page.select_option(".filters [name=status]", label="Not finished")
        page.wait_for_selector(".row:has-text('brass')")
        self.check("“Not finished” is one request of two statuses", len(asked) == 1
                   and "status=open%2Cin_progress" in asked[0], asked)
        page.select_option(".filters [name=status]", "done")
        page.wait_for_selector(".row:has-text('Oil the mill')")

    def activity(self):
        page = self.tab(self.context(self.company_state))
        self.open_view(page, "activity")
        words = page.inner_text("#settings-page")
        said = ["Company made", "Invitation sent", "Member joined", "Role changed", "Member removed", "Task deleted"]
        missing = [text for text in said if text not in words]
        self.check("the owner reads what happened in the company", not missing, missing)
        page.select_option("#settings-page [name=action]", "company.invitation_sent")
        page.wait_for_function("() => document.querySelectorAll('.row').length === 1")
        self.check("the log can be filtered", "Invitation sent" in page.inner_text(".rows"))
        page.click(".row summary")
        self.axe(page, "activity")
        self.shot(page, "activity")

    def by_keyboard(self):
        page = self.tab(self.context())
        page.keyboard.type(self.address("ada"))
        page.keyboard.press("Tab")
        page.keyboard.type("seven purple lanterns drift north")
        page.keyboard.press("Enter")
        page.wait_for_selector("#account-open")
        self.check("the keyboard alone signs in", self.focused(page) == "draft", self.focused(page))
        page.focus("#account-open")
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        inside = page.evaluate("document.querySelector('#account-menu').contains(document.activeElement)")
        self.check("Tab leads into the open menu", inside, self.focused(page))
        unseen = []
        for _ in range(20):
            if page.evaluate("document.activeElement.textContent.trim()") == "Account":
                break
            if page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "none":
                unseen.append(self.focused(page))
            page.keyboard.press("Tab")
        self.check("every stop in it shows its focus", not unseen, unseen)
        page.keyboard.press("Enter")
        page.wait_for_selector("#settings-title:has-text('Account')")
        self.check("the page that opens has the focus at its title", self.focused(page) == "settings-title",
                   self.focused(page))
        page.click("text=Delete my account…")
        page.keyboard.press("Escape")
        self.check("a dialog gives the focus back", page.evaluate("document.activeElement.textContent")
                   == "Delete my account…", self.focused(page))

    def on_a_phone(self):
        from browser_checks import PHONE
        page = self.tab(self.context(**PHONE))
        for view in ("sign-in", "sign-up", "forgot"):
            page.goto(f"{self.base}/?view={view}")
            page.wait_for_selector("#gate-title")
            self.no_sideways(page, view)
            self.shot(page, f"phone-{view}")
        self.workspace_on_a_phone(PHONE)
        page = self.tab(self.context(self.company_state, **PHONE))
        for view in ("tasks", "account", "devices", "keys", "company", "activity", "new-company"):
            self.open_view(page, view)
            self.no_sideways(page, view)
            self.axe(page, f"phone, {view}")
            self.shot(page, f"phone-{view}")
        page.click("#account-open")
        page.wait_for_selector("#account-menu:popover-open")
        self.no_sideways(page, "account menu")
        self.shot(page, "phone-menu")

    def workspace_on_a_phone(self, phone):
        """At the width of most phones, and of small ones, with a name that is longer than the screen is wide."""
        page = self.tab(self.context(self.company_state, **{**phone, "viewport": {"width": 390, "height": 844}}))
        page.wait_for_selector("#account-open")
        seen = page.locator("header #account-workspace")
        self.check("phone: the header names the workspace", seen.is_visible() and seen.inner_text() == "Engines & Sons",
                   seen.inner_text())
        self.shot(page, "phone-workspace")
        page.evaluate("document.getElementById('account-workspace').textContent = 'Engines & Sons '.repeat(20)")
        for width in (320, 360, 390):
            page.set_viewport_size({"width": width, "height": 844})
            wide = page.evaluate("document.documentElement.scrollWidth")
            self.check(f"phone: a long name does not widen a page of {width} pixels", wide <= width, wide)
        self.shot(page, "phone-workspace-long")

    def in_the_dark(self):
        dark = {"color_scheme": "dark"}
        page = self.tab(self.context(**dark))
        for view in ("sign-in", "sign-up"):
            page.goto(f"{self.base}/?view={view}")
            page.wait_for_selector("#gate-title")
            self.axe(page, f"dark, {view}")
            self.shot(page, f"dark-{view}")
        page = self.tab(self.context(self.company_state, **dark))
        for view in ("tasks", "account", "devices", "keys", "company", "activity"):
            self.open_view(page, view)
            self.axe(page, f"dark, {view}")
            self.shot(page, f"dark-{view}")
        page.click("#account-open")
        self.axe(page, "dark, account menu")
        self.shot(page, "dark-menu")
