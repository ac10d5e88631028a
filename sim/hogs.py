"""Threads in the device's main process that compute until they are told not to."""

from __future__ import annotations

import signal
import threading

BEGIN, END = signal.SIGUSR1, signal.SIGURG
"""Two signals, so that a process which was started since the hogs began is not given any when they are to end. The
second is one that a process which is not listening yet ignores."""

_HOGS = 2


def await_hogs() -> None:
    """Heed the signal from now on. In the main thread."""
    over = threading.Event()
    over.set()

    def hog() -> None:
        while not over.is_set():
            sum(range(2_000))

    def begin(*_: object) -> None:
        if not over.is_set():
            return
        over.clear()
        for n in range(_HOGS):
            threading.Thread(target=hog, name=f"hog {n}", daemon=True).start()

    signal.signal(BEGIN, begin)
    signal.signal(END, lambda *_: over.set())
