"""Bytes over a bad road: resumed where they ended, bounded in size and time."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tuf.api.exceptions import DownloadHTTPError
from urllib3.exceptions import ProtocolError

from edge.update.disk import Disk
from edge.update.fetch import BLOCK, BLOCK_NS, Source, gathered, resume
from edge.update.refusal import Refused, Unreachable

CONTENT = bytes(range(256)) * 2_400  # 614,400 bytes
CUTS = 10


class Server(ThreadingHTTPServer):
    """Serves CONTENT, and hangs up after `cut` bytes of each answer, `cuts` times."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.cut, self.cuts, self.sent, self.knows_ranges = len(CONTENT), 0, 0, True
        self.url = f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        if self.path == "/round":
            self.send_response(302)
            self.send_header("Location", "/round")
            self.end_headers()
            return
        if self.path != "/bundle":
            self.send_error(404)
            return
        asked = self.headers.get("Range") if self.server.knows_ranges else None
        rest = CONTENT[int(asked.removeprefix("bytes=").rstrip("-")) :] if asked else CONTENT
        self.send_response(206 if asked else 200)
        self.send_header("Content-Length", str(len(rest)))
        self.end_headers()
        if self.server.cuts:
            self.server.cuts -= 1
            rest = rest[: self.server.cut]
        self.wfile.write(rest)
        self.server.sent += len(rest)

    def log_message(self, *words: object) -> None:
        """Nobody listens."""


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    thread = threading.Thread(target=made.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()
    thread.join()


def fetch(url: str, part: Path, length: int = len(CONTENT)) -> None:
    for _ in resume(Source(), url, part, length, Disk(), lambda: 0):
        pass


@pytest.mark.parametrize("cut", [1_000, BLOCK - 1, BLOCK, BLOCK + 1, 60_000])
def test_a_link_cut_ten_times_costs_no_byte_twice_beyond_a_block_a_cut(
    server: Server, tmp_path: Path, cut: int
) -> None:
    server.cut, server.cuts = cut, CUTS
    part = tmp_path / "part"
    tries = 0
    while not part.is_file() or part.read_bytes() != CONTENT:
        tries += 1
        assert tries <= CUTS + 1
        try:
            fetch(f"{server.url}/bundle", part)
        except Unreachable:
            continue
    assert server.sent - len(CONTENT) <= CUTS * BLOCK
    assert part.read_bytes() == CONTENT


def test_a_server_without_ranges_is_read_again_from_the_beginning(server: Server, tmp_path: Path) -> None:
    server.knows_ranges = False
    part = tmp_path / "part"
    part.write_bytes(CONTENT[:100_000])
    fetch(f"{server.url}/bundle", part)
    assert part.read_bytes() == CONTENT


def test_what_is_here_already_is_not_asked_for(server: Server, tmp_path: Path) -> None:
    part = tmp_path / "part"
    part.write_bytes(CONTENT)
    fetch(f"{server.url}/bundle", part)
    assert server.sent == 0


def test_more_than_was_signed_is_refused_within_a_block(server: Server, tmp_path: Path) -> None:
    part = tmp_path / "part"
    with pytest.raises(Refused, match="goes on after"):
        fetch(f"{server.url}/bundle", part, length=100_000)
    assert part.stat().st_size <= 100_000


def test_a_part_that_is_longer_than_the_file_begins_anew(server: Server, tmp_path: Path) -> None:
    part = tmp_path / "part"
    part.write_bytes(b"!" * (len(CONTENT) + 1))
    fetch(f"{server.url}/bundle", part)
    assert part.read_bytes() == CONTENT


@pytest.mark.parametrize("path", ["nothing", "round"])
def test_what_is_not_there_and_what_leads_nowhere_end(server: Server, tmp_path: Path, path: str) -> None:
    with pytest.raises((DownloadHTTPError, Unreachable)):
        fetch(f"{server.url}/{path}", tmp_path / "part")


def test_a_server_that_is_not_there_is_unreachable(tmp_path: Path) -> None:
    with pytest.raises(Unreachable):
        fetch("http://127.0.0.1:9/bundle", tmp_path / "part")


@pytest.mark.parametrize("url", ["ftp://host/bundle", "/etc/passwd", "data:text/plain,x"])
def test_other_roads_are_not_taken(tmp_path: Path, url: str) -> None:
    with pytest.raises(Unreachable, match="no address of releases"):
        fetch(url, tmp_path / "part")


@pytest.mark.parametrize("path", ["/dev/zero", "/dev", "/nowhere"])
def test_a_device_a_folder_and_nothing_are_no_files(tmp_path: Path, path: str) -> None:
    with pytest.raises(DownloadHTTPError):
        fetch(f"file://{path}", tmp_path / "part")


class Dripping:
    """A server that says a byte every nine seconds, and a clock."""

    now_ns = 0

    def read1(self, amt: int) -> bytes:
        self.now_ns += 9 * BLOCK_NS
        return b"."


def test_a_server_that_drips_is_heard_of_in_time_to_be_refused(tmp_path: Path) -> None:
    server = Dripping()

    def opener(url: str, offset: int) -> Iterator[bytes]:
        return gathered(server, lambda: server.now_ns)

    with pytest.raises(Refused, match="slower than") as refused:
        for _ in resume(opener, "http://slow/bundle", tmp_path / "part", 600_000, Disk(), lambda: server.now_ns):
            pass
    assert refused.value.why == "slow"
    assert server.now_ns < 6 * 60 * BLOCK_NS


def test_what_came_before_a_cut_is_kept_however_little() -> None:
    class Cut:
        def __init__(self) -> None:
            self.left = [b"a" * 100, b"b" * 100]

        def read1(self, _amt: int) -> bytes:
            if not self.left:
                raise ProtocolError("the road is cut")
            return self.left.pop(0)

    came = gathered(Cut(), lambda: 0)
    assert next(came) == b"a" * 100 + b"b" * 100
    with pytest.raises(ProtocolError):
        next(came)
