"""What the device says to journald or to a terminal: a line for each change of state, and the `stats` line.

INFO is a change of state, WARNING means degraded but sorting, ERROR means the safe state. Nothing is said per frame.
A line reads `part: what happened key=value ...`, so that people and `grep` both find their way.
"""

import contextlib
import json
import logging
import os
import sys
from pathlib import Path
from typing import TextIO

from edge.datapath import Health, Incident, Record, Verdict
from edge.incidents import CATALOGUE
from edge.journal import SOCKET, Journal

_ROOT = "sorter"
_PRIORITY = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3}
"""Python's levels as syslog's, which journald reads from `<N>` at the head of a line (sd-daemon(3))."""


class _Lines(logging.Formatter):
    def __init__(self, journal: bool) -> None:
        super().__init__("%(message)s" if journal else "%(asctime)s %(levelname)s %(message)s", datefmt="%H:%M:%S")
        self._journal = journal

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record).replace("\n", " | ")
        return f"<{_PRIORITY.get(record.levelno, 6)}>{line}" if self._journal else line


class _Fields(logging.Handler):
    """To the journal with a field for each value; what it does not take goes to the stream, as a line."""

    def __init__(self, journal: Journal, lines: logging.Handler) -> None:
        super().__init__()
        self._journal = journal
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        priority = _PRIORITY.get(record.levelno, 6)
        try:
            values = getattr(record, "values", {})
            self._journal.send(priority, record.getMessage(), record.name.rpartition(".")[2], values)
        except OSError:
            self._lines.handle(record)

    def close(self) -> None:
        self._journal.close()
        super().close()


def start_log(stream: TextIO = sys.stderr, level: int = logging.INFO, journal: Path = SOCKET) -> None:
    """Send this process's lines to `stream`, or to the journal behind it where the stream is its own."""
    handler: logging.Handler = logging.StreamHandler(stream)
    is_journal = _is_journal(stream)
    handler.setFormatter(_Lines(is_journal))
    if is_journal:
        with contextlib.suppress(OSError):
            handler = _Fields(Journal(journal), handler)
    root = logging.getLogger(_ROOT)
    root.handlers = [handler]
    root.propagate = False
    root.setLevel(level)


class Log:
    """One part's voice: `Log("telemetry").info("broker online", url=...)`. Any thread."""

    def __init__(self, part: str) -> None:
        self._part = part
        self._logger = logging.getLogger(f"{_ROOT}.{part}")

    def info(self, what: str, **values: object) -> None:
        """A change of state."""
        self._say(logging.INFO, what, values)

    def warning(self, what: str, **values: object) -> None:
        """Degraded, and sorting on."""
        self._say(logging.WARNING, what, values)

    def error(self, what: str, **values: object) -> None:
        """The safe state."""
        self._say(logging.ERROR, what, values)

    def _say(self, level: int, what: str, values: dict[str, object]) -> None:
        tail = "".join(f" {key}={_shown(value)}" for key, value in values.items())
        self._logger.log(level, "%s", f"{self._part}: {what}{tail}", extra={"values": values})


class StatsLine:
    """A RecordSink: of the Health records that pass, one every ten seconds becomes the `stats` line; a change of
    the machine's state, an incident and the run's first graded fruit are said at once."""

    def __init__(self, every_ns: int = 10_000_000_000) -> None:
        self._every_ns = every_ns
        self._next_ns = 0
        self._state = ""
        self._graded = False
        self._log = Log("line")

    def put(self, record: Record) -> None:
        """Answers RecordSink."""
        if isinstance(record, Incident):
            self._incident(record)
        if not self._graded and isinstance(record, Verdict) and record.reason == "graded":
            self._graded = True
            self._log.info("the first fruit is graded", label=record.label)
        if not isinstance(record, Health):
            return
        if record.state != self._state:
            self._state = record.state
            (self._log.error if record.state == "safe" else self._log.info)(record.state)
        if record.at_ns >= self._next_ns:
            self._next_ns = record.at_ns + self._every_ns
            self._log.info("stats", **_stats(record))

    def _incident(self, incident: Incident) -> None:
        entry = CATALOGUE[incident.code]
        raised = self._log.error if entry.severity == "error" else self._log.warning
        (raised if incident.state == "raised" else self._log.info)(f"{incident.state}: {entry.say(incident.figures)}")


def _stats(health: Health) -> dict[str, object]:
    return {
        "frames": health.frames,
        "dropped": health.frames_dropped,
        "tracks": health.tracks,
        "fired": health.fired,
        "late": health.late,
        "refused": health.refused,
        "step_p99_ms": round(health.step_p99_ms, 1),
        "inference_p50_ms": round(health.inference_p50_ms, 2),
        "gate_late_p99_ms": round(health.gate_late_p99_ms, 2),
        "shed": health.shed,
        "queued_messages": health.queued_messages,
        "shed_messages": health.shed_messages,
        "broker": health.broker,
    }


def _shown(value: object) -> str:
    text = str(value)
    return json.dumps(text, ensure_ascii=False) if not text or any(c in text for c in ' "=\n') else text


def _is_journal(stream: TextIO) -> bool:
    """systemd names the device and inode of the journal's stream (systemd.exec(5), JOURNAL_STREAM)."""
    named = os.environ.get("JOURNAL_STREAM", "")
    try:
        status = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return named == f"{status.st_dev}:{status.st_ino}"
