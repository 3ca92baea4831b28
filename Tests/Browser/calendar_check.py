#!/usr/bin/env python3
"""Checks the page's calendar in headless Chromium, with a Google that is simulated.

    calendar_check.py --base-url http://127.0.0.1:8080 --mail-directory DIR --simulator-url http://127.0.0.1:9000
                      [--screenshots DIR] [--timeout S]

Gateway and worker as for connections_check.py; the worker also serves the queue calendars. Where it is told of changes
(CALENDAR_NOTIFICATIONS_URL), they are seen sooner. It makes an account of its own and connects the simulated person
grace, whose calendars it empties first.
"""
import sys

from browser_checks import PHONE, main
from calendar_parts import PERSON, PLACE, EventParts
from people import People

# How long the provider's word of a change may take, before somebody looks by hand.
TOLD_SECONDS = 20
EVIL = "Bring <b>cups</b><br><img src=x onerror=\"document.title='planted'\"><script>document.title='planted'</script>"


class Checks(EventParts, People):
    """One person and one simulated account; the later parts use what the first ones made."""

    def unconnected(self):
        page = self.newcomer("carla", **PLACE)
        page.click("#to-calendar")
        page.wait_for_selector(".calendar-empty a")
        self.check("the title has the focus", self.focused(page) == "calendar-title", self.focused(page))
        self.check("without an account the page says what would be here",
                   "Connect your Google account" in page.inner_text(".calendar-empty"))
        self.axe(page, "a calendar without an account")
        self.shot(page, "calendar-none")
        page.click(".calendar-empty a")
        page.wait_for_selector("#settings-title:has-text('Connections')")
        self.check("and leads to where one is connected", page.url == f"{self.base}/?view=connections", page.url)
        self.state = page.context.storage_state()

    def filling(self):
        page = self.tab(self.context(self.state, **PLACE), "/?view=connections")
        self.days = page.evaluate("""async () => {
          const { addDays, isoDay, startOfWeek } = await import("/assets/calendar-time.js");
          return [0, 1, 2, 3, 4, 5, 6].map((place) => isoDay(addDays(startOfWeek(new Date()), place)));
        }""")
        self.simulate("POST", "populate", accounts=[PERSON], calendars=2, events=0)
        self.ids = self.simulate("POST", "events", events=[
            self.event(page, "Kick-off", 0, "10:00", "11:00", location="Room Babbage", description=EVIL),
            self.event(page, "Call", 0, "10:30", "11:30"),
            self.event(page, "Tea with Alan", 2, "15:00", "16:00", transparency="transparent"),
            {"summary": "Trade fair", "start": {"date": self.days[3]}, "end": {"date": self.days[5]}},
        ])["ids"]
        page.click("[aria-label='Connect Google']")
        page.click("dialog[open] button[type=submit]")
        page.wait_for_url(f"{self.options.simulator_url}/google/**")
        page.check(f"input[name=account][value={PERSON}]")
        page.click("button[value=allow]")
        page.wait_for_selector(".outcome .notice.good")
        page.click("#to-calendar")
        self.check("the calendar fills in by itself", self.comes(page, self.named("Kick-off")))
        page.wait_for_selector(self.named("Trade fair"))
        page.wait_for_selector(".calendar-state:has-text('Up to date')")
        boxes = [page.locator(self.named(name)).bounding_box() for name in ("Kick-off", "Call")]
        self.check("what overlaps lies side by side", boxes[0]["x"] + boxes[0]["width"] <= boxes[1]["x"] + 1, boxes)
        self.check("what makes nobody busy looks so",
                   page.get_attribute(self.named("Tea with Alan"), "data-look") == "free")
        self.check("whole days are above the hours", page.locator(f".bars {self.named('Trade fair')}").count() == 1)
        self.axe(page, "a week")
        self.shot(page, "calendar-week")

    def reading(self):
        page = self.calendar()
        page.click(self.named("Kick-off"))
        page.wait_for_selector("dialog[open]")
        words = page.inner_text("dialog[open]")
        self.check("an event says when and where it is", "10:00 – 11:00" in words and "Room Babbage" in words, words)
        self.check("what others wrote stays text", "Bring cups" in words and page.title().startswith("Calendar")
                   and page.locator("dialog[open] :is(img, script)").count() == 0, words)
        link = page.locator("dialog[open] a:has-text('Open in Google')")
        self.check("the way to Google tells it nothing of this page", "noopener" in (link.get_attribute("rel") or ""))
        self.axe(page, "an event")
        self.shot(page, "calendar-event")
        page.keyboard.press("Escape")
        label = page.evaluate("document.activeElement.getAttribute('aria-label')")
        self.check("Escape gives the focus back", (label or "").startswith("Kick-off"), label)

    def following(self):
        page = self.calendar()
        page.evaluate("window.isSame = true")
        page.focus(self.named("Call"))
        page.evaluate("document.querySelector('.week').scrollTop = 333")
        self.simulate("POST", "events", events=[self.event(page, "Came from afar", 1, "09:00", "10:00")])
        self.check("what is new at Google appears", self.appears(page, self.named("Came from afar")))
        self.simulate("PATCH", "events", event=self.ids[1], patch={"summary": "Call, later"})
        self.check("what changed there changes", self.appears(page, self.named("Call, later")))
        self.check("all that without a reload", page.evaluate("window.isSame === true"))
        self.check("the week stays where it was", page.evaluate("document.querySelector('.week').scrollTop") == 333)
        label = page.evaluate("document.activeElement.getAttribute('aria-label')")
        self.check("and the focus on its event", (label or "").startswith("Call, later"), label)
        self.simulate("DELETE", "events", event=self.ids[1])
        self.check("what is deleted there goes", self.appears(page, self.named("Call, later"), "detached"))

    def choosing(self):
        page = self.calendar()
        box = page.locator(".calendar-row input").first
        box.uncheck()
        self.check("a calendar that is unticked goes", self.comes(page, self.named("Kick-off"), "detached"))
        page.wait_for_selector(".calendar-state:has-text('Not shown')")
        self.shot(page, "calendar-unticked")
        box.check()
        self.check("and comes back when it is ticked", self.comes(page, self.named("Kick-off")))
        page.wait_for_selector(".calendar-state:has-text('Up to date')")
        with page.expect_download() as download:
            page.click("[aria-label^='Download']")
        with open(download.value.path()) as file:
            text = file.read()
        self.check("a calendar can be taken along", text.startswith("BEGIN:VCALENDAR") and "SUMMARY:Kick-off" in text,
                   text[:200])

    def by_keyboard(self):
        page = self.calendar()
        title = page.inner_text("#calendar-title")
        page.focus(".week")
        for _ in range(5):
            page.keyboard.press("ArrowRight")
        page.wait_for_function("(title) => document.querySelector('#calendar-title').textContent !== title", arg=title)
        self.check("the arrow leads to later weeks", page.locator(self.named("Kick-off")).count() == 0)
        self.check("a week with a series shows it", self.comes(page, self.named("Look at the plants")))
        page.keyboard.press("t")
        self.check("t leads back to today", self.comes(page, self.named("Kick-off")))
        page.focus("#to-calendar")
        unseen = []
        for _ in range(12):
            page.keyboard.press("Tab")
            if page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "none":
                unseen.append(self.focused(page))
        self.check("every stop shows its focus", not unseen, unseen)

    def on_a_phone(self):
        page = self.calendar(**PHONE)
        self.no_sideways(page, "the calendar")
        days = page.locator(".strip button")
        self.check("phone: a strip of seven days", days.count() == 7)
        days.nth(0).click()
        page.wait_for_selector(self.named("Kick-off"))
        self.check("phone: one day at a time", page.locator(".day").count() == 1)
        self.axe(page, "phone, a day")
        self.shot(page, "phone-calendar")
        page.click(".list-button")
        page.wait_for_selector("dialog[open] .calendar-row")
        self.axe(page, "phone, the calendars")
        self.shot(page, "phone-calendars")
        page.keyboard.press("Escape")
        page.click(".add-button")
        self.no_sideways(page, "a new event")
        self.shot(page, "phone-calendar-new")
        page.keyboard.press("Escape")
        page.set_viewport_size({"width": 320, "height": 640})
        wide = page.evaluate("document.documentElement.scrollWidth")
        self.check("phone: nothing sticks out of 320 pixels", wide <= 320, wide)
        self.shot(page, "phone-calendar-small")

    def in_the_dark(self):
        page = self.calendar(color_scheme="dark")
        self.axe(page, "dark, a week")
        self.shot(page, "dark-calendar")
        page.click(self.named("Kick-off"))
        page.wait_for_selector("dialog[open]")
        self.axe(page, "dark, an event")
        self.shot(page, "dark-calendar-event")

    def resting(self):
        """Somebody who looks on asks little."""
        page = self.calendar()
        seen = []
        page.on("request", lambda request: seen.append(request.url) if "/api/v1/" in request.url else None)
        page.wait_for_timeout(20_000)
        self.check("who only looks on sends few requests", len(seen) <= 10, seen)

    def disconnecting(self):
        page = self.calendar()
        page.evaluate("""async () => {
          const { call } = await import("/assets/api.js");
          const { connections } = await call("/api/v1/integrations");
          for (const { id } of connections) await call(`/api/v1/integrations/${id}`, { method: "DELETE" });
        }""")
        self.check("without the account the calendar is empty again", self.comes(page, ".calendar-empty a"))
        self.check("nothing of it is left", page.locator(self.named("Kick-off")).count() == 0)
        self.shot(page, "calendar-disconnected")

    # What they have in common

    def calendar(self, **settings):
        """The view with its events, in a browser in which the person has signed in."""
        page = self.tab(self.context(self.state, **{**PLACE, **settings}), "/?view=calendar")
        page.wait_for_selector(".calendar-head:not(.is-bare)")
        if "is_mobile" not in settings:
            page.wait_for_selector(self.named("Kick-off"))
        return page

    def named(self, start):
        return f".event[aria-label^='{start}']"

    def day_label(self, page, place):
        return page.evaluate("""async (day) => {
          const { dayName, localDate } = await import("/assets/calendar-time.js");
          return dayName(localDate(day));
        }""", self.days[place]) + ","

    def edit(self, page, name, **values):
        page.click(self.named(name))
        page.click("dialog[open] button:has-text('Edit')")
        for field, value in values.items():
            page.fill(f"dialog[open] [name={field}]", value)
            page.press(f"dialog[open] [name={field}]", "Tab")
        page.click("dialog[open] button[type=submit]")

    def appears(self, page, selector, state="attached"):
        """By itself where the provider tells of changes, else when somebody asks for a look at it."""
        try:
            page.wait_for_selector(selector, state=state, timeout=TOLD_SECONDS * 1000)
            return True
        except Exception:  # noqa: BLE001 - it was not told of
            print(f"       (looked for by hand: {selector})", flush=True)
            page.evaluate("document.querySelector('.calendar-side .button').click()")
            return self.comes(page, selector, state)


def add_options(parser):
    parser.add_argument("--mail-directory", required=True, help="where the worker keeps mails, as .eml files")
    parser.add_argument("--simulator-url", required=True, help="origin of the simulated providers")


def parts(checks):
    return [checks.unconnected, checks.filling, checks.reading, checks.following, checks.creating, checks.moving,
            checks.at_once, checks.deleting, checks.choosing, checks.by_keyboard, checks.on_a_phone, checks.in_the_dark,
            checks.resting, checks.disconnecting]


if __name__ == "__main__":
    sys.exit(main(Checks, __doc__, parts, add_options))
