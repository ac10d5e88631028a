"""The person in front of the machine: a port, so that what asks needs no terminal, and the terminal that answers it."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Sequence
from typing import Protocol

from edge.errors import UsageFault

_LOOK_S = 0.2
_LONGEST = 4_096


class Gone(Exception):
    """The person has left: the terminal is closed, or Ctrl-C or Ctrl-D was pressed."""


class Person(Protocol):
    """Consumer: whatever must not be done unasked."""

    def tell(self, text: str) -> None:
        """Say something; the text may have several lines."""

    def choose(self, question: str, answers: Sequence[str]) -> str:
        """One of the answers; the first is meant where nothing is typed. Waits for as long as it takes. Raises Gone."""

    def type_in(self, question: str, usual: str) -> str:
        """What is typed, or `usual` where nothing is. Raises Gone."""


class AtTerminal:
    """Answers Person. An answer may be typed as short as it stays clear."""

    def __init__(self) -> None:
        """Raises UsageFault where nobody can answer."""
        if not (sys.stdin and sys.stdin.isatty() and sys.stdout.isatty()):
            raise UsageFault("this asks before it moves anything: start it at a terminal")

    def tell(self, text: str) -> None:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()

    def choose(self, question: str, answers: Sequence[str]) -> str:
        while True:
            typed = self._line(f"{question} [{'/'.join(answers)}] ").lower()
            meant = [answer for answer in answers if typed and answer.startswith(typed)]
            if not typed:
                return answers[0]
            if typed in answers or len(meant) == 1:
                return typed if typed in answers else meant[0]
            self.tell(f"  {typed}: one of {', '.join(answers)}, please")

    def type_in(self, question: str, usual: str) -> str:
        return self._line(f"{question} [{usual}] ") or usual

    def _line(self, prompt: str) -> str:
        # Not input(): an interrupt just before it begins to read is not noticed until a line is typed.
        sys.stdout.write(prompt)
        sys.stdout.flush()
        keys = sys.stdin.fileno()
        try:
            while not select.select([keys], [], [], _LOOK_S)[0]:
                pass
            typed = os.read(keys, _LONGEST)  # a terminal gives a line at a time
        except KeyboardInterrupt:
            typed = b""
        if not typed:
            self.tell("")
            raise Gone
        return typed.decode(errors="replace").strip()
