"""How a signal ends a process of the device: it sets a flag, which the process's loop looks at between two steps."""


class Stop:
    """A signal handler that only takes note. No `threading.Event`: a second signal that comes while the first one sets
    it would wait for ever for the lock that the first one holds."""

    asked = False

    def __call__(self, *_: object) -> None:
        self.asked = True
