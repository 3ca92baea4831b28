#!/usr/bin/env python3
"""Checks /docs in headless Chromium against a running gateway that has DOCS_DIRECTORY.

    docs_check.py --base-url http://127.0.0.1:8080 [--screenshot FILE]

Every operation of /openapi.json is shown, one can be tried out, and nothing breaks the page's Content-Security-Policy.
Needs the PyPI package playwright (1.65) and Debian's chromium. Prints `N passed, N failed`.
"""
import argparse
import json
import os
import shutil
import sys
import urllib.request

from playwright.sync_api import sync_playwright

METHODS = {"get", "put", "post", "delete", "patch"}


class Checks:
    def __init__(self):
        self.passed, self.failed = 0, 0

    def note(self, name, is_right, detail=""):
        self.passed += bool(is_right)
        self.failed += not is_right
        print(f"{'ok' if is_right else 'FAILED'} {name}{'' if is_right else f': {detail}'}")


def operations(base):
    """(method, path) of everything that is documented."""
    with urllib.request.urlopen(f"{base}/openapi.json", timeout=10) as answer:
        paths = json.load(answer)["paths"]
    return {(method, path) for path, item in paths.items() for method in item if method in METHODS}


def visit(page, base, checks, screenshot):
    broken, errors, foreign = [], [], []
    page.on("console", lambda message: "Content Security Policy" in message.text and broken.append(message.text))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda request: request.url.startswith((base, "data:")) or foreign.append(request.url))
    page.add_init_script("""document.addEventListener('securitypolicyviolation', (event) => console.error(
        'Content Security Policy:', event.violatedDirective, event.blockedURI, event.sample))""")
    page.goto(f"{base}/docs")
    page.wait_for_selector(".opblock", timeout=30_000)
    shown = page.eval_on_selector_all(".opblock-summary", """all => all.map(one => [
        one.querySelector('.opblock-summary-method').textContent.toLowerCase(),
        one.querySelector('[data-path]').dataset.path])""")
    missing = operations(base) ^ {tuple(one) for one in shown}
    checks.note("every operation is shown, and no other", not missing, sorted(missing))
    if screenshot:
        page.screenshot(path=screenshot)
    page.click("[data-path='/api/v1/health/live']")
    page.click(".opblock.is-open .try-out__btn")
    page.click(".opblock.is-open .execute")
    page.wait_for_selector(".opblock.is-open .live-responses-table .response-col_status", timeout=10_000)
    status = page.text_content(".opblock.is-open .live-responses-table .response .response-col_status")
    checks.note("an operation can be tried out", status.strip().startswith("200"), status)
    if screenshot:
        page.screenshot(path=screenshot.replace(".png", "-tried.png"))
    page.click(".btn.authorize")
    page.wait_for_selector(".modal-ux input")
    page.fill(".modal-ux input[aria-label='auth-bearer-value']", "a-key-of-somebody")
    page.click(".modal-ux .auth-btn-wrapper .authorize >> nth=0")
    kept = page.evaluate("JSON.stringify([localStorage, sessionStorage, document.cookie])")
    checks.note("a key that is typed in is not kept", "a-key-of-somebody" not in kept, kept)
    checks.note("nothing breaks the Content-Security-Policy", not broken, broken[:5])
    checks.note("no script fails", not errors, errors[:5])
    checks.note("nothing is asked of another host", not foreign, foreign[:5])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--base-url", required=True)
    parser.add_argument("--screenshot")
    options = parser.parse_args()
    checks = Checks()
    with sync_playwright() as playwright:
        chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        try:
            page = browser.new_page(viewport={"width": 1200, "height": 1400})
            visit(page, options.base_url, checks, options.screenshot)
        except Exception as error:  # whatever it is, the counts must be printed
            checks.note("the visit", False, f"{type(error).__name__}: {error}")
        finally:
            browser.close()
    print(f"{checks.passed} passed, {checks.failed} failed")
    return checks.failed > 0


if __name__ == "__main__":
    sys.exit(main())
