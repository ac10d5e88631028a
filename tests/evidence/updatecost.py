"""What updates cost the device: the update process's memory and start, and the bytes of a download that is cut off."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from edge.update.fetch import BLOCK
from edge.updates import read_told
from tests.evidence.releasing import BYTES, open_office, variant
from tests.evidence.trial import ROOT, Finding, Trial, at_most, is_so, surroundings

CUTS = 10
MEMORY_MB, START_S = 100.0, 3.0
_PATIENCE_S = 120.0
_DEMO = ROOT / "firmware_config" / "profiles" / "demo.toml"
_PLACES = ('"/etc/sorter/root.json"', '"/var/lib/sorter/update"', '# source = "https://releases.example/sorter"')


class Road(ThreadingHTTPServer):
    """Serves a folder of releases; of what is large it hangs up after each `stretch` bytes, `cuts` times in all."""

    def __init__(self, folder: Path, cuts: int, stretch: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.folder, self.cuts, self.stretch = folder, cuts, stretch
        self.sent: Counter[str] = Counter()
        self.url = f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Road

    def do_GET(self) -> None:
        path = self.server.folder / self.path.lstrip("/")
        if not path.is_file():
            self.send_error(404)
            return
        first = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").rstrip("-"))
        rest = path.read_bytes()[first:]
        self.send_response(206 if first else 200)
        self.send_header("Content-Length", str(len(rest)))
        self.end_headers()
        if self.server.cuts and len(rest) > self.server.stretch:
            self.server.cuts -= 1
            rest = rest[: self.server.stretch]
        self.wfile.write(rest)
        self.server.sent[path.name] += len(rest)

    def log_message(self, *words: object) -> None:
        """Nobody listens."""


def updatecost(trial: Trial) -> Finding:
    """One real update process, over a road that is cut."""
    cuts = trial.count(CUTS)
    office = open_office(trial.folder)
    office.publish(_bundle(trial.folder))
    lengths = {path.name: path.stat().st_size for path in (office.folder / "targets").rglob("*") if path.is_file()}
    road = Road(office.folder, cuts, BYTES // (CUTS + 4))
    threading.Thread(target=road.serve_forever, args=(0.01,), daemon=True).start()
    update, profile = trial.folder / "update", following(trial.folder, office.root, road.url)
    began_s = time.monotonic()
    process = subprocess.Popen([sys.executable, "-m", "edge.update", str(profile)], cwd=ROOT, env=surroundings())
    try:
        _until(lambda: read_told(update) is not None)
        start_s = time.monotonic() - began_s
        _until(lambda: (told := read_told(update)) is not None and told.state == "shadow")
        memory_mb = _most_mb(process.pid)
    finally:
        process.kill()
        process.wait()
        road.shutdown()
    twice = sum(max(0, sent - lengths[name]) for name, sent in road.sent.items() if name in lengths)
    figures = {
        "cuts": cuts - road.cuts,
        "block_bytes": BLOCK,
        "bundle_bytes": BYTES,
        "bytes_sent": sum(sent for name, sent in road.sent.items() if name in lengths),
        "bytes_sent_twice": twice,
        "most_resident_mb": memory_mb,
        "start_to_first_word_s": round(start_s, 2),
    }
    targets = [
        is_so("the road was cut as often as it should be", road.cuts == 0),
        at_most("bytes fetched twice, blocks a cut", round(twice / BLOCK / cuts, 2), 1),
        at_most("most resident memory of the update process, MB", memory_mb, MEMORY_MB),
        at_most("from its start to its first word, s", round(start_s, 2), START_S),
    ]
    return Finding(figures, targets)


def _bundle(folder: Path) -> Path:
    variant(folder / "bundle", "far-away")
    return folder / "bundle"


def following(folder: Path, root: bytes, url: str) -> Path:
    """The demo machine's profile, which follows the releases there."""
    (folder / "root.json").write_bytes(root)
    text = _DEMO.read_text(encoding="utf-8")
    news = (f'"{folder / "root.json"}"', f'"{folder / "update"}"', f'source = "{url}"')
    for old, new in zip(_PLACES, news, strict=True):
        text = text.replace(old, new)
    (folder / "profile.toml").write_text(text, encoding="utf-8")
    return folder / "profile.toml"


def _until(reached: Callable[[], bool]) -> None:
    until_s = time.monotonic() + _PATIENCE_S
    while not reached():
        if time.monotonic() > until_s:
            raise RuntimeError(f"not within {_PATIENCE_S:g} s")
        time.sleep(0.01)  # noqa: TID251  # another process is waited for


def _most_mb(pid: int) -> float:
    """The most that a process has held; on Linux."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return round(next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1e3, 1)
