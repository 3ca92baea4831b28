"""What the checks of the page in headless Chromium share: the tally, pages that are watched, screenshots, axe-core."""
import argparse
import os
import re
import traceback

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import TimeoutError as BrowserTimeout, sync_playwright

PHONE = {"viewport": {"width": 360, "height": 720}, "is_mobile": True, "has_touch": True, "device_scale_factor": 2}
WATCH_POLICY = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy violation: ${event.violatedDirective} ${event.blockedURI}`));
"""


class BrowserChecks:
    """Checks of one gateway, and their tally."""

    def __init__(self, browser, options):
        self.browser, self.options = browser, options
        self.base = options.base_url.rstrip("/")
        self.milliseconds = options.timeout * 1000
        self.passed = self.failed = 0
        self.complaints = []
        self.tolerated = []

    def check(self, name, holds, detail=""):
        self.passed, self.failed = self.passed + bool(holds), self.failed + (not holds)
        print(f"{'ok    ' if holds else 'FAILED'} {name}{'' if holds or not detail else f': {detail}'}", flush=True)
        return holds

    def run(self, part):
        """One part; an exception or a timeout inside it is a failed check, the other parts still run."""
        contexts = list(self.browser.contexts)
        try:
            part()
        except (BrowserTimeout, Exception) as error:  # noqa: BLE001 - reported, not hidden
            where = traceback.extract_tb(error.__traceback__)
            line = next((f"{os.path.basename(f.filename)}:{f.lineno}" for f in reversed(where)
                         if os.path.dirname(f.filename) == os.path.dirname(__file__)), "?")
            self.check(f"{part.__name__.replace('_', ' ')} ({line})", False, str(error).strip().split("\n")[0])
            for index, page in enumerate(p for c in self.browser.contexts for p in c.pages):
                self.shot(page, f"failed-{part.__name__}-{index}")
        for context in self.browser.contexts:
            if context not in contexts:
                context.close()

    # Pages

    def context(self, state=None, **settings):
        return self.browser.new_context(**{"viewport": {"width": 1200, "height": 800}, **settings}, storage_state=state)

    def tab(self, context, path="/"):
        """A page whose complaints count against the last check, unless they are tolerated."""
        page = context.new_page()
        page.add_init_script(WATCH_POLICY)
        page.set_default_timeout(self.milliseconds)
        page.on("pageerror", lambda error: self.complaints.append(f"exception: {error}"))
        page.on("console", self.note)
        page.goto(self.base + path)
        return page

    def note(self, message):
        text = f"{message.text} {(message.location or {}).get('url', '')}"
        if message.type in ("error", "warning") and not any(re.search(pattern, text) for pattern in self.tolerated):
            self.complaints.append(text)

    def comes(self, page, selector, state="visible"):
        """Whether it gets there in the time an answer may take."""
        try:
            page.wait_for_selector(selector, state=state)
            return True
        except BrowserTimeout:
            return False

    def focused(self, page):
        """The element that has the focus: its name, else its id, else its kind."""
        return page.evaluate("(({ name, id, tagName }) => name || id || tagName)(document.activeElement)")

    def shot(self, page, name):
        if self.options.screenshots:
            page.screenshot(path=os.path.join(self.options.screenshots, f"{name}.png"))

    def axe(self, page, name):
        found = Axe().run(page).response["violations"]
        bad = [f"{v['id']} at {v['nodes'][0]['target']}" for v in found if v["impact"] in ("serious", "critical")]
        self.check(f"axe-core: {name} has no serious or critical finding", not bad, "; ".join(bad))

    def no_sideways(self, page, name):
        width = page.evaluate("""Math.max(document.documentElement.scrollWidth,
          ...[...document.querySelectorAll(".thread, .jobs, .page, .gate, dialog[open]")]
            .map((node) => 360 + node.scrollWidth - node.clientWidth))""")
        self.check(f"phone: {name} does not scroll sideways", width <= 360, width)


def main(checks, about, parts, add_options=lambda parser: None):
    """Runs the parts of a class of checks by the options of the command line; the exit code is 1 when one failed."""
    parser = argparse.ArgumentParser(description=about.split("\n")[0])
    parser.add_argument("--base-url", required=True)
    parser.add_argument("--screenshots", help="folder for screenshots; made when missing")
    parser.add_argument("--timeout", type=int, default=120, help="seconds an answer may take")
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    parser.add_argument("--only", default="", help="names of parts, separated by commas")
    add_options(parser)
    options = parser.parse_args()
    if options.screenshots:
        os.makedirs(options.screenshots, exist_ok=True)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=options.chromium, args=["--no-sandbox"])
        run = checks(browser, options)
        chosen = parts(run)
        for part in chosen:
            if part is chosen[0] or not options.only or part.__name__ in options.only.split(","):
                run.run(part)
        run.check("no error in the console, no policy violation", not run.complaints, "; ".join(run.complaints[:5]))
        browser.close()
    print(f"{run.passed} passed, {run.failed} failed")
    return 1 if run.failed else 0
