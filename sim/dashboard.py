"""The dashboard's web server on the desk: the static folder, and `config.json` that names the broker, to this computer
alone."""

from __future__ import annotations

import contextlib
import functools
import gzip
import json
import threading
from collections.abc import Callable, Sequence
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from edge.errors import BrokerFault
from sim.broker import LOOPBACK

USUAL_PORT = 8080
CONNECTION_S = 10.0

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
    ".txt": "text/plain; charset=utf-8",
}
"""What is served; a file of any other kind is not there."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self' ws: wss:; "
    "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",
}

PAGES = Path(__file__).parents[1] / "dashboard"

Config = Callable[[], dict[str, Any]]
"""What config.json says now: `broker`, a WebSocket address, null while there is none; `user`, who gives commands."""


class DashboardServer:
    """Serves from a thread of its own, on the loopback address alone."""

    def __init__(self, config: Config, port: int | None = None, folder: Path = PAGES) -> None:
        """`port` None: 8080, or a free one where that is taken. Raises BrokerFault where the port is taken."""
        handler = functools.partial(_Handler, config, folder)
        self._server = _listen((USUAL_PORT, 0) if port is None else (port,), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, name="dashboard", daemon=True)

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self._server.server_address[1]}/"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _listen(ports: Sequence[int], handler: Callable[..., BaseHTTPRequestHandler]) -> ThreadingHTTPServer:
    """On the first of these ports that is free; 0 stands for any."""
    for port in ports:
        with contextlib.suppress(OSError):
            return ThreadingHTTPServer((LOOPBACK, port), handler)
    raise BrokerFault(f"{LOOPBACK}:{ports[0]}: another program listens there; end it or choose another port")


class _Handler(BaseHTTPRequestHandler):
    """One request. Only files of the folder are there, by their plain names."""

    timeout = CONNECTION_S
    protocol_version = "HTTP/1.1"
    server_version = "sorter"
    sys_version = ""

    def __init__(self, config: Config, folder: Path, *rest: object) -> None:
        self._config = config
        self._folder = folder
        super().__init__(*rest)  # type: ignore[arg-type]  # the server passes on what the base class takes

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/config.json":
            self._answer(json.dumps(self._config()).encode(), ".json")
            return
        name = "index.html" if path == "/" else path.removeprefix("/")
        kind = name[name.rfind(".") :]
        found = self._find(name) if kind in TYPES else None
        if found is None:
            self.send_error(HTTPStatus.NOT_FOUND)
        else:
            self._answer(found.read_bytes(), kind)

    def _find(self, name: str) -> Path | None:
        """A file of the folder; None for whatever else a path may say, its parent among it."""
        parts = name.split("/")
        found = self._folder.joinpath(*parts)
        is_plain = all(part and not part.startswith((".", "~")) and "\0" not in part for part in parts)
        return found if is_plain and found.is_file() else None

    def _answer(self, body: bytes, kind: str) -> None:
        packed = "gzip" in self.headers.get("Accept-Encoding", "")
        body = _packed(body) if packed else body
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", TYPES[kind])
        self.send_header("Content-Length", str(len(body)))
        if packed:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(body)

    def end_headers(self) -> None:
        for name, value in HEADERS.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: the desk's view is on the same terminal."""


@functools.lru_cache(maxsize=64)
def _packed(body: bytes) -> bytes:
    return gzip.compress(body, mtime=0)
