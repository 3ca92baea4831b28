"""Parts of calendar_check.py: making, moving and deleting events, and the provider where they are made."""
import json
import time
import urllib.parse
import urllib.request

PERSON = "grace"
PLACE = {"timezone_id": "Europe/Berlin", "locale": "en-GB"}


class EventParts:
    """What people do to events; each change is looked for at the provider."""

    def creating(self):
        page = self.calendar()
        page.evaluate("document.querySelector('.week').scrollTop = 9 * 48")
        page.click(f"[aria-label^='{self.day_label(page, 4)}']", position={"x": 60, "y": 14 * 48 + 5})
        page.wait_for_selector("dialog[open]")
        proposed = [page.input_value(f"dialog[open] [name={name}]") for name in ("day", "start", "end")]
        self.check("a click on an hour begins an event there", proposed == [self.days[4], "14:00", "15:00"], proposed)
        self.axe(page, "a new event")
        self.shot(page, "calendar-new")
        page.fill("dialog[open] [name=end_day]", self.days[3])
        page.click("dialog[open] button[type=submit]")
        self.check("an end before the start is refused",
                   "after it starts" in page.inner_text("dialog[open] .when .field-error"))
        page.fill("dialog[open] [name=end_day]", self.days[4])
        page.fill("dialog[open] [name=summary]", "Write the minutes")
        page.fill("dialog[open] [name=location]", "Library")
        page.click("dialog[open] button[type=submit]")
        page.wait_for_selector(self.named("Write the minutes"))
        self.shot(page, "calendar-pending")
        self.check("it is there when it is saved", self.comes(page, f"{self.named('Write the minutes')}:not(.pending)"))
        made = self.at_google("Write the minutes")
        self.check("and at Google", made and made["location"] == "Library"
                   and self.is_at(page, made["start"]["dateTime"], 4, "14:00"), made)
        page.keyboard.press("n")
        page.fill("dialog[open] [name=summary]", "Look at the plants")
        page.fill("dialog[open] [name=day]", self.days[0])
        page.select_option("dialog[open] [name=recurrence]", "weekdays")
        page.click("dialog[open] button[type=submit]")
        page.wait_for_function("() => document.querySelectorAll('[aria-label^=\"Look at the plants\"]').length === 5")
        self.check("a series is on all its days", True)
        series = self.at_google("Look at the plants")
        self.check("and one series at Google", "BYDAY=MO,TU,WE,TH,FR" in series["recurrence"][0], series)

    def moving(self):
        page = self.calendar()
        self.edit(page, "Write the minutes", start="16:30")
        moved = f"{self.named('Write the minutes, 16:30 to 17:30')}:not(.pending)"
        self.check("an event moves, and keeps its length", self.comes(page, moved))
        start = self.at_google("Write the minutes")["start"]["dateTime"]
        self.check("at Google too", self.is_at(page, start, 4, "16:30"), start)
        page.click(self.named("Look at the plants") + " >> nth=1")
        page.click("dialog[open] button:has-text('Edit')")
        page.fill("dialog[open] [name=summary]", "Look at the cactus")
        page.click("dialog[open] button[type=submit]")
        page.wait_for_selector(f"{self.named('Look at the cactus')}:not(.pending)")
        left = page.locator(self.named("Look at the plants")).count()
        self.check("one of a series changes alone", left == 4, left)

    def at_once(self):
        """Two people change one event; the second one is told."""
        page = self.calendar()
        page.click(self.named("Tea with Alan"))
        page.click("dialog[open] button:has-text('Edit')")
        self.simulate("PATCH", "events", event=self.ids[2], patch={"summary": "Tea with Alan and Ada"})
        page.fill("dialog[open] [name=location]", "Garden")
        page.click("dialog[open] button[type=submit]")
        page.wait_for_selector("dialog[open] .notice.later")
        words = page.inner_text("dialog[open]")
        self.check("who was too late is told, and sees how it is", "Somebody changed it meanwhile" in words
                   and "Tea with Alan and Ada" in words, words)
        self.axe(page, "an event that was changed meanwhile")
        self.shot(page, "calendar-changed")
        page.keyboard.press("Escape")
        self.check("nothing was overwritten", "location" not in self.at_google("Tea with Alan and Ada"))

    def deleting(self):
        page = self.calendar()
        page.click(self.named("Write the minutes"))
        page.click("dialog[open] button:has-text('Delete')")
        page.wait_for_selector("dialog[open] .danger")
        self.axe(page, "asking before it is deleted")
        page.click("dialog[open] .danger")
        self.check("a deleted event goes", self.comes(page, self.named("Write the minutes"), "detached"))
        self.check("at Google too", self.at_google("Write the minutes") is None)

    # The provider

    def event(self, page, summary, place, start, end, **more):
        moments = [{"dateTime": self.instant(page, place, clock), "timeZone": PLACE["timezone_id"]}
                   for clock in (start, end)]
        return {"summary": summary, "start": moments[0], "end": moments[1], **more}

    def instant(self, page, place, clock):
        """A time of one of the week's days, by the reader's clock."""
        return page.evaluate("""async ([day, clock]) => {
          const { instant, localDate } = await import("/assets/calendar-time.js");
          return instant(localDate(day, clock));
        }""", [self.days[place], clock])

    def is_at(self, page, moment, place, clock):
        return page.evaluate("([one, other]) => Date.parse(one) === Date.parse(other)",
                             [moment, self.instant(page, place, clock)])

    def simulate(self, method, what, **body):
        """A control call to the simulator about the person's primary calendar."""
        request = urllib.request.Request(
            f"{self.options.simulator_url}/_simulator/calendar/{what}", method=method,
            data=json.dumps({"account": PERSON, "calendar": "primary", **body}).encode(),
            headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request) as answer:
            return json.loads(answer.read() or b"{}")

    def truth(self):
        """The person's events as the provider has them."""
        query = urllib.parse.urlencode({"account": PERSON})
        address = f"{self.options.simulator_url}/_simulator/calendar/truth"
        with urllib.request.urlopen(f"{address}?{query}") as answer:
            entries = json.load(answer)["calendars"]
        primary = next(name for name, entry in entries.items() if entry.get("primary"))
        query = urllib.parse.urlencode({"account": PERSON, "calendar": primary})
        with urllib.request.urlopen(f"{address}?{query}") as answer:
            return json.load(answer)["events"]

    def at_google(self, summary):
        """The event of a title, once the provider has it; None when it has none."""
        for _ in range(20):
            for event in self.truth().values():
                if event.get("summary") == summary and event.get("status") != "cancelled":
                    return event
            time.sleep(0.1)
        return None
