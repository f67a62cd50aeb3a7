"""Headless Chromium driven over its own pipe: the DevTools protocol, without a library.

Chromium reads commands from descriptor 3 and answers on descriptor 4, JSON texts that end with a
NUL each. Messages without an id are events; they are kept.
"""

import base64
import json
import os
import select
import shutil
import subprocess
import time

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_SECONDS = 60.0


def find_chromium():
    """Return the path of an installed Chromium, or None."""
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


class Browser:
    """One browser with one page; a context manager."""

    def __init__(self, profile):
        self.events, self._text, self._number, self._profile = [], b"", 0, profile

    def __enter__(self):
        theirs_in, self._out = os.pipe()
        self._in, theirs_out = os.pipe()
        # The shell puts the pipes where Chromium looks for them, whatever their numbers here are.
        words = [
            find_chromium(), "--headless=new", "--remote-debugging-pipe", "--no-sandbox",
            "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--no-first-run",
            "--disable-extensions", f"--user-data-dir={self._profile}", "about:blank",
        ]  # fmt: skip
        place = f'exec "$@" 3<&{theirs_in} 4>&{theirs_out}'
        self._process = subprocess.Popen(
            ["bash", "-c", place, "bash", *words],
            pass_fds=(theirs_in, theirs_out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(theirs_in)
        os.close(theirs_out)
        self._session = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        return self

    def __exit__(self, *_):
        try:
            self._session = None
            self.call("Browser.close")
        finally:
            os.close(self._out)
            os.close(self._in)
            try:
                self._process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def call(self, method, **parameters):
        """Send one command and return what it answers."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._receive()
            if answer.get("id") == self._number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                return answer["result"]
            self.events.append(answer)

    def _receive(self):
        until = time.monotonic() + _SECONDS
        while b"\0" not in self._text:
            ready, _, _ = select.select([self._in], [], [], max(0.0, until - time.monotonic()))
            assert ready, f"Chromium said nothing for {_SECONDS:g} s"
            part = os.read(self._in, 1 << 16)
            assert part, "Chromium has ended"
            self._text += part
        text, _, self._text = self._text.partition(b"\0")
        return json.loads(text)

    def show(self, path, *, width, height=900, dark=False):
        """Load a file into a window of a size and a theme; forget what was said before."""
        self.events.clear()
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=width < 600,
        )  # fmt: skip
        self.choose_theme(dark=dark)
        went = self.call("Page.navigate", url=path.resolve().as_uri())
        assert "errorText" not in went, went["errorText"]
        self.wait("document.readyState === 'complete' && !location.href.startsWith('about')")

    def choose_theme(self, *, dark):
        """Pretend that the reader prefers dark pages, or light ones."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])

    def run(self, script):
        """Return the value of an expression in the page."""
        answer = self.call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait(self, script):
        """Wait until an expression in the page is true."""
        until = time.monotonic() + _SECONDS
        while not self.run(f"Boolean({script})"):
            assert time.monotonic() < until, f"never came true: {script}"
            time.sleep(0.02)

    def middle(self, selector):
        """Return the middle of the first element that a selector finds, scrolled into view."""
        return self.run(
            f"(() => {{ const found = document.querySelector({json.dumps(selector)});"
            "found.scrollIntoView({block: 'center', behavior: 'instant'});"
            "const box = found.getBoundingClientRect();"
            "return [box.x + box.width / 2, box.y + box.height / 2]; })()"
        )

    def point(self, x, y):
        """Move the pointer to a place in the window."""
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def hover_text(self):
        """Return what a figure shows beside the pointer, once it does."""
        told = "document.querySelector('.hoverlayer .hovertext')?.textContent"
        self.wait(told)
        return self.run(told)

    def complaints(self):
        """Return what the page wrote to the console as an error, or threw."""
        said = []
        for event in self.events:
            told = event["params"]
            if event["method"] == "Runtime.exceptionThrown":
                said.append(told["exceptionDetails"])
            elif event["method"] == "Runtime.consoleAPICalled" and told["type"] == "error":
                said.append(told["args"])
            elif event["method"] == "Log.entryAdded" and told["entry"]["level"] == "error":
                said.append(told["entry"])
        return said

    def strangers(self):
        """Return every address that the page asked for and that is not within itself."""
        asked = [
            event["params"]["request"]["url"]
            for event in self.events
            if event["method"] == "Network.requestWillBeSent"
        ]
        return [address for address in asked if not address.startswith(("file:", "data:"))]

    def picture(self, path, *, whole=True):
        """Keep a screenshot as PNG."""
        answer = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(answer["data"]))
