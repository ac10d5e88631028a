"""Threads in the device's main process that compute without end: SIGUSR1 starts them, the next one ends them."""

from __future__ import annotations

import signal
import threading

_HOGS = 2


def await_hogs() -> None:
    """Heed the signal from now on. In the main thread."""
    over = threading.Event()
    over.set()

    def hog() -> None:
        while not over.is_set():
            sum(range(2_000))

    def turn(*_: object) -> None:
        if not over.is_set():
            over.set()
            return
        over.clear()
        for n in range(_HOGS):
            threading.Thread(target=hog, name=f"hog {n}", daemon=True).start()

    signal.signal(signal.SIGUSR1, turn)
