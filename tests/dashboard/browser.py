"""Chromium without a head, driven over its own DevTools protocol: pages, scripts, keys, screenshots, figures."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import subprocess
import tempfile
import urllib.request
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from edge.clock import now_ns, sleep_until

NS = 1_000_000_000
MS = 1_000_000
START_S = 30.0
PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def program() -> str | None:
    """The browser's path, None where there is none."""
    return next((found for name in PROGRAMS if (found := shutil.which(name))), None)


class ScriptError(AssertionError):
    """What a script on the page threw."""


class Page:
    """One tab. Belongs to one thread."""

    def __init__(self, road: ClientConnection) -> None:
        self._road = road
        self._last = 0
        self.events: deque[dict[str, Any]] = deque(maxlen=5_000)
        """What the browser said unasked, oldest first."""
        for domain in ("Page", "Runtime", "Network", "Log", "Performance"):
            self.call(f"{domain}.enable")

    def call(self, method: str, within_s: float = 30.0, **given: Any) -> dict[str, Any]:
        """One command of the protocol and its answer."""
        self._last += 1
        self._road.send(json.dumps({"id": self._last, "method": method, "params": given}))
        deadline_ns = now_ns() + round(within_s * NS)
        while True:
            said = json.loads(self._road.recv(timeout=max(0.01, (deadline_ns - now_ns()) / NS)))
            if said.get("id") == self._last:
                if "error" in said:
                    raise ScriptError(f"{method}: {said['error']}")
                return dict(said["result"])
            self.events.append(said)

    def open(self, url: str, width: int = 1280, height: int = 800, touch: bool = False, scale: float = 1.0) -> None:
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=touch
        )
        self.call("Page.navigate", url=url)
        self.until("document.readyState === 'complete' && !!document.querySelector('#top nav')")

    def theme(self, name: str) -> None:
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": name}])

    def run(self, script: str) -> Any:
        """The value of an expression; a promise is waited for."""
        said = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in said:
            details = said["exceptionDetails"]
            raise ScriptError(details.get("exception", {}).get("description", details["text"]))
        return said["result"].get("value")

    def until(self, condition: str, within_s: float = 15.0) -> float:
        """Wait until an expression is true; answers how many seconds that took."""
        began_ns = now_ns()
        while not self.run(condition):
            if now_ns() > began_ns + round(within_s * NS):
                raise AssertionError(f"not within {within_s} s: {condition}; the page says: {self.text('#state')!r}")
            sleep_until(now_ns() + 20 * MS)
        return (now_ns() - began_ns) / NS

    def text(self, selector: str) -> str:
        return str(self.run(f"document.querySelector({json.dumps(selector)})?.innerText ?? ''"))

    def click(self, selector: str) -> None:
        self.run(f"document.querySelector({json.dumps(selector)}).click()")

    def key(self, key: str) -> None:
        for kind in ("keyDown", "keyUp"):
            given = {"text": key} if len(key) == 1 and kind == "keyDown" else {}
            self.call("Input.dispatchKeyEvent", type=kind, key=key, **given)

    def picture(self, path: Path, quality: int = 80, full: bool = False) -> None:
        """A screenshot, WebP by its suffix."""
        given: dict[str, Any] = {"format": path.suffix[1:], "captureBeyondViewport": full}
        if path.suffix != ".png":
            given["quality"] = quality
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", **given)["data"]))

    def complaints(self) -> list[str]:
        """Errors that the page has logged, a broken policy among them; a refused connection is none."""
        self.run("0")
        found = []
        for event in self.events:
            given = event.get("params", {})
            if event.get("method") == "Runtime.exceptionThrown":
                found.append(str(given["exceptionDetails"].get("exception", {}).get("description", given)))
            elif event.get("method") == "Log.entryAdded" and given["entry"]["level"] == "error":
                found.append(given["entry"]["text"])
        return [line for line in found if "WebSocket connection" not in line]

    def received_bytes(self) -> int:
        """Body and headers of all that was fetched since the page was made, as it came over the wire."""
        return sum(
            round(event["params"]["encodedDataLength"])
            for event in self.events
            if event.get("method") == "Network.loadingFinished"
        )


@contextlib.contextmanager
def browser(cpus: set[int] | None = None) -> Iterator[Page]:
    """A fresh browser with one empty tab, ended with all its processes."""
    found = program()
    assert found is not None, "no Chromium on PATH: apt install chromium"
    with tempfile.TemporaryDirectory(prefix="sorter-browser-", ignore_cleanup_errors=True) as folder:
        arguments = [
            found,
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--disable-component-update",
            "--no-first-run",
            "--hide-scrollbars",
            "--remote-debugging-port=0",
            f"--user-data-dir={folder}",
            "about:blank",
        ]
        process = subprocess.Popen(
            arguments,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=(lambda: os.sched_setaffinity(0, cpus)) if cpus else None,  # noqa: PLW1509 - no thread yet
        )
        try:
            address = _page_url(Path(folder), process)
            # Whoever drives a page does other things for minutes: nobody reads then, not even a pong.
            road = connect(address, max_size=None, max_queue=None, open_timeout=START_S, ping_interval=None)
            with road:
                yield Page(road)
        except ConnectionClosed as error:
            raise AssertionError(f"the browser has gone: {error}") from None
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, 9)
            process.wait(10)


def _page_url(folder: Path, process: subprocess.Popen[bytes]) -> str:
    """The DevTools address of the one tab, once the browser has said its port."""
    deadline_ns = now_ns() + round(START_S * NS)
    said = folder / "DevToolsActivePort"
    while now_ns() < deadline_ns and process.poll() is None:
        with contextlib.suppress(OSError, ValueError, IndexError):
            port = int(said.read_text(encoding="utf-8").splitlines()[0])
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list", timeout=2) as answer:
                pages = [each for each in json.load(answer) if each["type"] == "page"]
            return str(pages[0]["webSocketDebuggerUrl"])
        sleep_until(now_ns() + 50 * MS)
    raise AssertionError("the browser did not start")
