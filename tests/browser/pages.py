"""Looks at pages in a browser: python3 tests/browser/pages.py PAGE.html … [--shots FOLDER] [--axe AXE.min.js]

Checks of each page: no console error, no request, no overflow at 1280 and at 390 px, charts with drawn pixels, one zoom for all
tracks by dragging and by keyboard, dark, print, readable without scripts and under a policy that blocks inline styles and scripts,
and axe without serious findings. Needs Playwright for Python and Debian's chromium; says what it skipped.
"""

import argparse
import http.server
import pathlib
import shutil
import sys
import threading

try:
    from playwright.sync_api import sync_playwright
except ImportError:
    print("SKIPPED: Playwright for Python is not installed")
    sys.exit(0)

WIDE, NARROW = (1280, 900), (390, 844)
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
DRAWN = """canvas => { const context = canvas.getContext('2d');
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  let drawn = 0; for (let at = 3; at < data.length; at += 4) drawn += data[at] > 0; return drawn; }"""
# All but those for narrow screens: each must be seen on a wide one.
DRAWINGS = ".drawing:not(.narrow)"
SPANS = "[...document.querySelectorAll('.live')].map(live => live.timeline ? live.timeline.spans() : [])"


class Faults(list):
    def unless(self, is_fine, what):
        if not is_fine:
            self.append(what)


def open_page(browser, url, size, faults, **options):
    """A page that tells of errors and of each request that leaves it."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, **options)
    page = context.new_page()
    page.on("console", lambda message: faults.append(f"console: {message.text}") if message.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(f"error: {error}"))
    page.on("request", lambda request: faults.append(f"request: {request.url}")
            if not request.url.startswith(("data:", url)) else None)
    page.goto(url)
    page.wait_for_timeout(200)
    return page


def look_at(browser, path, shots, axe):
    faults = Faults()
    url = path.resolve().as_uri()
    page = open_page(browser, url, WIDE, faults)
    faults.unless(page.evaluate(OVERFLOW) <= 0, "wider than 1280 px")
    faults.unless(page.locator("h1").count() == 1, "not one h1")
    faults.unless(page.locator("svg[role=img]").count() > 0, "no drawing")
    unnamed = page.locator("svg[role=img]:not([aria-labelledby])").count()
    faults.unless(unnamed == 0, f"{unnamed} drawings without a text")
    for index, canvas in enumerate(page.locator(".live canvas").all()):
        faults.unless(canvas.evaluate(DRAWN) > 100, f"canvas {index} is empty")
    if page.locator(".live .track").count():
        zoom(page, faults)
    shot(page, shots, path, "light")
    if axe:
        accessible(page, axe, faults, "light")
    page.context.close()

    page = open_page(browser, url, WIDE, faults, color_scheme="dark")
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    faults.unless(max(int(part) for part in ground[4:-1].split(",")) < 60, f"dark ground is {ground}")
    shot(page, shots, path, "dark")
    if axe:
        accessible(page, axe, faults, "dark")
    page.emulate_media(media="print")
    faults.unless(page.locator(".live:visible").count() == 0, "a live timeline in print")
    faults.unless(page.locator(f"{DRAWINGS}:visible").count() == page.locator(DRAWINGS).count(), "no drawing in print")
    if shots:
        page.pdf(path=str(shots / f"{path.parent.name}-{path.stem}.pdf"), format="A4")
    page.context.close()

    page = open_page(browser, url, NARROW, faults)
    faults.unless(page.evaluate(OVERFLOW) <= 0, f"{page.evaluate(OVERFLOW)} px wider than 390 px")
    shot(page, shots, path, "narrow")
    page.context.close()

    page = open_page(browser, url, WIDE, faults, java_script_enabled=False)
    faults.unless(page.locator(f"{DRAWINGS}:visible").count() == page.locator(DRAWINGS).count(), "a figure needs scripts")
    shot(page, shots, path, "no-script")
    page.context.close()
    return faults


def zoom(page, faults):
    """Dragging over one track, a double click, and the keyboard move all tracks."""
    track = page.locator(".live .track .u-over").nth(1)
    track.scroll_into_view_if_needed()
    box = track.bounding_box()
    before = page.evaluate(SPANS)
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.4, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.5, middle, steps=6)
    page.mouse.up()
    page.wait_for_timeout(100)
    after = page.evaluate(SPANS)
    faults.unless(after != before, "dragging does not zoom")
    faults.unless(all(len({tuple(span) for span in spans}) <= 1 for spans in after), f"tracks differ: {after}")
    page.mouse.dblclick(box["x"] + box["width"] * 0.5, middle)
    page.wait_for_timeout(100)
    faults.unless(page.evaluate(SPANS) == before, "a double click does not show the whole run")
    page.get_by_role("button", name="Zoom in").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_timeout(100)
    faults.unless(page.evaluate(SPANS) != before, "the keyboard does not zoom")
    page.get_by_role("button", name="Whole run").first.focus()
    page.keyboard.press("Space")
    page.mouse.move(box["x"] + box["width"] * 0.3, middle)
    page.wait_for_timeout(100)
    faults.unless(page.locator(".live .keys b").filter(has_text="/s").count() > 0, "no values below the cursor")


def accessible(page, axe, faults, theme):
    page.add_script_tag(path=str(axe))
    found = page.evaluate("async () => (await axe.run()).violations")
    for violation in found:
        if violation["impact"] in ("serious", "critical"):
            nodes = [node["target"] for node in violation["nodes"]][:3]
            faults.append(f"axe, {theme}: {violation['id']}: {violation['help']} {nodes}")


def under_a_policy(browser, path):
    """As Jenkins serves it: nothing inline may run or style."""
    body = path.read_bytes()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Security-Policy", "default-src 'none'; img-src 'self'; style-src 'self'; sandbox")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    faults = Faults()
    page = browser.new_page()
    page.goto(f"http://127.0.0.1:{server.server_port}/")
    drawings = page.locator("svg[role=img]:visible").count()
    figures = page.locator(DRAWINGS).count()
    faults.unless(drawings == figures, f"under a policy {drawings} drawings of {figures} figures are shown")
    colours = page.locator("svg[role=img] [fill^='#']").count()
    faults.unless(figures == 0 or colours > 0, "no colours under a policy")
    page.close()
    server.shutdown()
    return faults


def shot(page, shots, path, name):
    if shots:
        page.screenshot(path=str(shots / f"{path.parent.name}-{path.stem}-{name}.png"), full_page=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="+", type=pathlib.Path)
    parser.add_argument("--shots", type=pathlib.Path)
    parser.add_argument("--axe", type=pathlib.Path)
    arguments = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        print("SKIPPED: no chromium")
        return 0
    if not arguments.axe:
        print("SKIPPED: axe, no --axe")
    if arguments.shots:
        arguments.shots.mkdir(parents=True, exist_ok=True)
    bad = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for path in arguments.pages:
            faults = look_at(browser, path, arguments.shots, arguments.axe) + under_a_policy(browser, path)
            bad += bool(faults)
            print(f"{path}: {'FAIL' if faults else 'ok'}, {path.stat().st_size / 1e3:,.0f} KB")
            for fault in faults:
                print(f"  {fault}")
        browser.close()
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
