"""What else the machine is busy with while its gates are measured. Each load is a context: it holds from entry to exit,
and gives the one thing that the main thread does again and again meanwhile."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager

import cv2

from edge.bench.pipeline import Bench, demo_with
from edge.bench.recorded import load_cases
from edge.bundle import FACTORY, load_bundle
from edge.clock import now_ns, sleep_until
from edge.detect.segment import Segmenter
from edge.grade.litert import LiteRTGrader

Work = Callable[[], None]

REST_NS = 10_000_000

# Ends with the process that started it, whatever ended that.
_BUSY = "import os\nparent = os.getppid()\nwhile os.getppid() == parent: pass"


def _rest() -> None:
    sleep_until(now_ns() + REST_NS)


@contextmanager
def idle() -> Iterator[Work]:
    """The main thread beats and waits, as it does over an empty belt."""
    yield _rest


@contextmanager
def pipeline() -> Iterator[Work]:
    """The recorded bench frames through the real line, one after the other without a rest: a core's worth."""
    cv2.setNumThreads(1)  # as on the device
    case, bundle = load_cases()[0], load_bundle(FACTORY)
    line = Bench(case, demo_with(case), Segmenter(case.mm_per_px), LiteRTGrader(bundle), bundle.manifest.thresholds)
    line.frame()
    yield line.frame


@contextmanager
def hogs() -> Iterator[Work]:
    """Two threads of the main process that hold the interpreter's lock as long as they may, and a process beside it
    that never rests."""
    over = threading.Event()

    def hog() -> None:
        while not over.is_set():
            sum(range(2_000))

    threads = [threading.Thread(target=hog, name=f"hog {n}", daemon=True) for n in range(2)]
    with subprocess.Popen([sys.executable, "-c", _BUSY]) as busy:
        try:
            for thread in threads:
                thread.start()
            yield _rest
        finally:
            over.set()
            busy.kill()
            for thread in threads:
                thread.join()


LOADS: Mapping[str, Callable[[], AbstractContextManager[Work]]] = {"idle": idle, "pipeline": pipeline, "hogs": hogs}
"""By the name that the figures carry."""
