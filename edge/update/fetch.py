"""Bytes from a folder or a web server, from any offset on, within limits of size and time.

Addresses are `file:///folder/...`, `http://` or `https://`. Nothing here trusts what it reads.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from tuf.api.exceptions import DownloadHTTPError, SlowRetrievalError
from tuf.ngclient import FetcherInterface
from urllib3 import PoolManager, Retry, Timeout
from urllib3.exceptions import HTTPError

from edge.clock import Clock, now_ns
from edge.update.disk import Disk
from edge.update.refusal import Refused, Unreachable

BLOCK = 65_536
QUIET_S = 10.0
"""A server that says nothing for so long is not there."""
BLOCK_NS = 1_000_000_000
"""What has come in so long is handed on, however little: whoever counts the time hears of a server that drips."""
METADATA_NS = 30_000_000_000
"""A file of metadata takes no longer."""
LEAST_BYTES_S = 2_000
"""A bundle's file comes at this rate at least, over a road that is worth waiting for."""

Opener = Callable[[str, int], Iterator[bytes]]
"""Given an address and an offset: the bytes from there on, in blocks. Raises DownloadHTTPError 404 where there is no
such file, Unreachable or OSError where it cannot be had."""


class Answer(Protocol):
    """A server's, as urllib3 has it: what has come by now, and none where it ends."""

    def read1(self, amt: int) -> bytes: ...


class Source:
    """Answers Opener. Redirects stay with http and https."""

    def __init__(self) -> None:
        self._pool: PoolManager | None = None

    def __call__(self, url: str, offset: int) -> Iterator[bytes]:
        scheme = urlsplit(url).scheme
        if scheme == "file":
            return _from_folder(Path(url2pathname(unquote(urlsplit(url).path))), offset)
        if scheme in ("http", "https"):
            return self._from_server(url, offset)
        raise Unreachable(f"{url}: is no address of releases; file:, http: and https: are")

    def _from_server(self, url: str, offset: int) -> Iterator[bytes]:
        self._pool = self._pool or PoolManager(
            timeout=Timeout(connect=QUIET_S, read=QUIET_S), retries=Retry(0, redirect=3), maxsize=1
        )
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={offset}-"} if offset else {})
        try:
            answer = self._pool.request("GET", url, headers=headers, preload_content=False, decode_content=False)
            try:
                if answer.status not in (200, 206):
                    raise DownloadHTTPError(f"{url}: the server says {answer.status}", answer.status)
                left = offset if answer.status == 200 else 0  # a server without ranges begins anew
                for block in gathered(answer, now_ns):
                    if len(block) > left:
                        yield block[left:]
                    left = max(0, left - len(block))
            finally:
                answer.close()
        except HTTPError as error:
            raise Unreachable(f"{url}: {error}") from None


def gathered(answer: Answer, clock: Clock) -> Iterator[bytes]:
    """What comes, gathered to BLOCK bytes or for BLOCK_NS. What came before a cut is handed on first: a road cut
    within every block would else never bring anything."""
    held, until_ns = bytearray(), clock() + BLOCK_NS
    try:
        while came := answer.read1(BLOCK - len(held)):
            held += came
            if len(held) >= BLOCK or clock() >= until_ns:
                yield bytes(held)
                held, until_ns = bytearray(), clock() + BLOCK_NS
    except HTTPError:
        if held:
            yield bytes(held)
        raise
    if held:
        yield bytes(held)


def _from_folder(path: Path, offset: int) -> Iterator[bytes]:
    if not path.is_file():  # a pipe or a device never ends
        raise DownloadHTTPError(f"{path}: no such file", 404)
    try:
        with path.open("rb") as file:
            file.seek(offset)
            while block := file.read(BLOCK):
                yield block
    except OSError as error:  # a stick that was pulled out is no fault of this computer's disk
        raise Unreachable(f"{path}: {error.strerror}") from None


class Fetcher(FetcherInterface):
    """TUF's port to the world, for metadata: its caller bounds the size, this the time."""

    def __init__(self, opener: Opener, clock: Clock) -> None:
        self._opener = opener
        self._clock = clock

    def _fetch(self, url: str) -> Iterator[bytes]:
        until_ns = self._clock() + METADATA_NS
        for block in self._opener(url, 0):
            if self._clock() > until_ns:
                raise SlowRetrievalError(f"{url}: not here after {METADATA_NS / 1e9:.0f} s")
            yield block


def resume(opener: Opener, url: str, part: Path, length: int, disk: Disk, clock: Clock) -> Iterator[int]:
    """Fetch what a part still lacks of `length` bytes, each block synced: cut off anywhere, the next try goes on where
    this one ended. Yields the bytes that are there. Raises Refused where there are more, or where they come too slowly;
    whatever the opener raises otherwise."""
    have = part.stat().st_size if part.is_file() else 0
    if have > length:
        disk.truncate(part, 0)
        have = 0
    until_ns = clock() + METADATA_NS + (length - have) * 1_000_000_000 // LEAST_BYTES_S
    if have == length and have:
        yield have
        return
    for block in opener(url, have):
        have += len(block)
        if have > length:
            raise Refused("oversized", f"{url}: goes on after the {length} bytes that were signed")
        if clock() > until_ns:
            raise Refused("slow", f"{url}: {have} of {length} bytes, slower than {LEAST_BYTES_S} bytes a second")
        disk.append(part, block)
        disk.sync(part)
        yield have
    if have < length:
        raise Unreachable(f"{url}: ended after {have} of {length} bytes")
    if not length:
        disk.write(part, b"")
