"""Opens pages in headless Chromium and checks what a reader sees: python3 pages.py CHROMIUM [--shots DIR] PAGE.html ..

Each page must load without a message on the console, have a title and text, draw its charts, keep within the screen at 400 pixels of width with everything unfolded,
and change its colours with the reader's preference. Chromium is spoken to over its debugging pipe, so nothing but Python's own library is needed; what is evaluated
this way is not held back by the policy of the pages, which forbids all scripts.
"""

import base64
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading

WIDTHS = (400, 1100)
# Seconds after which a browser that does not answer is ended.
PATIENCE = 120


class Browser:
    """One Chromium; messages are JSON ended by NUL, over file descriptors 3 and 4 of its process."""

    def __init__(self, program, profile):
        to_browser, from_us = os.pipe()
        from_browser, to_us = os.pipe()

        def place():
            # Away from 3 and 4 first, or one could overwrite the other.
            read, write = os.dup(to_browser), os.dup(to_us)
            os.dup2(read, 3)
            os.dup2(write, 4)

        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--remote-debugging-pipe", f"--user-data-dir={profile}"]
        self.process = subprocess.Popen(
            [program, *flags, "about:blank"], preexec_fn=place, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        os.close(to_browser)
        os.close(to_us)
        self.out, self.into = os.fdopen(from_us, "wb"), os.fdopen(from_browser, "rb")
        self.number, self.buffer, self.events = 0, b"", []
        self.watch = threading.Timer(PATIENCE, self.process.kill)
        self.watch.start()

    def read(self):
        while b"\0" not in self.buffer:
            data = os.read(self.into.fileno(), 1 << 16)
            if not data:
                sys.exit("Chromium ended before it answered")
            self.buffer += data
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, session=None, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        self.out.write(json.dumps(message).encode() + b"\0")
        self.out.flush()
        while True:
            answer = self.read()
            if answer.get("id") != self.number:
                self.events.append(answer)
            elif "error" in answer:
                sys.exit(f"Chromium refuses {method}: {answer['error']}")
            else:
                return answer["result"]

    def wait(self, name):
        while not any(event.get("method") == name for event in self.events):
            self.events.append(self.read())

    def close(self):
        self.watch.cancel()
        self.process.kill()
        self.process.wait()


def complaints(events):
    """What the page made the browser say."""
    for event in events:
        told = event.get("params", {})
        if event.get("method") == "Log.entryAdded":
            yield told["entry"]["text"]
        elif event.get("method") == "Runtime.exceptionThrown":
            yield told["exceptionDetails"]["text"]
        elif event.get("method") == "Runtime.consoleAPICalled":
            yield str(told["args"])


def look(browser, page, shots):
    """The faults of one page."""
    browser.events = []
    target = browser.call("Target.createTarget", url="about:blank")["targetId"]
    session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
    for domain in ("Page", "Log", "Runtime"):
        browser.call(f"{domain}.enable", session)

    def value(expression):
        return browser.call("Runtime.evaluate", session, expression=expression, returnByValue=True)["result"].get("value")

    def scheme(name):
        browser.call("Emulation.setEmulatedMedia", session, features=[{"name": "prefers-color-scheme", "value": name}])

    faults = []
    grounds = {}
    browser.call("Page.navigate", session, url=pathlib.Path(page).resolve().as_uri())
    browser.wait("Page.loadEventFired")
    if not (value("document.title") or "").startswith("Gristmill: "):
        faults.append(f"its title is {value('document.title')!r}")
    if len(value("document.body.innerText") or "") < 400:
        faults.append("there is next to no text on it")
    unfold = "document.querySelectorAll('details').forEach(part => { part.open = true })"
    for width in WIDTHS:
        browser.call("Emulation.setDeviceMetricsOverride", session, width=width, height=900, deviceScaleFactor=1, mobile=False)
        value(unfold)
        wide = value("document.documentElement.scrollWidth")
        if width < wide:
            faults.append(f"at {width} pixels it is {wide} wide")
        for label in value("[...document.querySelectorAll('svg')].filter(svg => svg.clientHeight < 100 || !svg.querySelector('text')).map(svg => svg.ariaLabel)"):
            faults.append(f"at {width} pixels the chart {label!r} is not drawn")
        for name in ("light", "dark"):
            scheme(name)
            grounds[name] = value("getComputedStyle(document.body).backgroundColor + getComputedStyle(document.body).color")
            if shots:
                tall = min(value("document.documentElement.scrollHeight"), 12000)
                clip = {"x": 0, "y": 0, "width": width, "height": tall, "scale": 1}
                picture = browser.call("Page.captureScreenshot", session, clip=clip, captureBeyondViewport=True)["data"]
                stem = "-".join(pathlib.Path(page).parts[-2:]).replace(".html", "")
                pathlib.Path(shots, f"{stem}-{width}-{name}.png").write_bytes(base64.b64decode(picture))
    if grounds["light"] == grounds["dark"]:
        faults.append("it looks the same in the dark")
    faults.extend(f"on the console: {said}" for said in complaints(browser.events))
    browser.call("Target.closeTarget", targetId=target)
    return faults


def main():
    program, *rest = sys.argv[1:]
    shots = None
    if rest[:1] == ["--shots"]:
        shots, rest = rest[1], rest[2:]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Browser(program, profile)
        try:
            found = {page: look(browser, page, shots) for page in rest}
        finally:
            browser.close()
    for page, faults in found.items():
        print(f"{page}: {'; '.join(faults) or 'well'}")
    if not rest or any(found.values()):
        sys.exit(1)


main()
