"""The run's counters for a scraper on this computer: OpenMetrics text at http://127.0.0.1:PORT/metrics.

Names and labels are those of firmware_config/grafana/line.json. All label values come from closed lists.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import version
from typing import get_args

from edge.clock import now_ns
from edge.config import Profile
from edge.datapath import Adopted, Health, Incident, LineState, Outcome, Record, StepInputs, Verdict
from edge.incidents import CATALOGUE
from edge.log import Log

LOOPBACK = "127.0.0.1"
CONTENT_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"
PATIENCE_S = 2.0
"""A client that neither asks nor reads for so long is left."""
LOOK_S = 0.5

_log = Log("openmetrics")
Labels = Mapping[str, str]
Sample = tuple[Labels, float]


class Figures:
    """A RecordSink that counts. `put` from the line's thread, `text` from any."""

    def __init__(self, profile: Profile, bundle: str) -> None:
        self._about = {
            "site": profile.site,
            "machine": profile.machine,
            "software": version("sorter"),
            "bundle": bundle,
            "profile": profile.digest,
        }
        self._lock = threading.Lock()
        self._health: Health | None = None
        self._verdicts: Counter[tuple[str, str, str]] = Counter()
        self._pulses: Counter[str] = Counter({"fired": 0, "late": 0, "refused": 0})
        self._alarms: dict[str, bool] = dict.fromkeys(CATALOGUE, False)

    def put(self, record: Record) -> None:
        """Answers RecordSink."""
        with self._lock:
            match record:
                case Verdict():
                    self._verdicts[record.label, record.outlet, record.reason] += 1
                case Outcome():
                    self._pulses[record.result] += 1
                case Incident():
                    self._alarms[record.code] = record.state == "raised"
                case StepInputs(adopted=Adopted(bundle=bundle)):
                    self._about = self._about | {"bundle": bundle}
                case Health():
                    self._health = record
                    self._alarms["safe_state"] = record.state == "safe"
                case _:
                    pass

    def text(self, at_ns: int) -> str:
        """Everything, as OpenMetrics 1.0 writes it."""
        with self._lock:
            health, verdicts, pulses = self._health, dict(self._verdicts), dict(self._pulses)
            alarms, about = dict(self._alarms), self._about
        lines = [*_family("sorter", "info", "What this machine is and runs.", [(about, 1)], suffix="_info")]
        lines += _counted(verdicts, pulses)
        lines += _family(
            "sorter_alarm",
            "gauge",
            "1 while an alarm is raised.",
            [({"name": name, "severity": CATALOGUE[name].severity}, up) for name, up in sorted(alarms.items())],
        )
        if health is not None:
            lines += _measured(health, at_ns)
        return "\n".join([*lines, "# EOF"]) + "\n"


def _counted(verdicts: Mapping[tuple[str, str, str], int], pulses: Mapping[str, int]) -> Iterator[str]:
    yield from _family(
        "sorter_fruit",
        "counter",
        "Fruit decided, by what they were taken for, where they were sent, and why.",
        [({"label": one, "outlet": to, "reason": why}, n) for (one, to, why), n in sorted(verdicts.items())],
    )
    samples = [({"result": result}, n) for result, n in sorted(pulses.items())]
    yield from _family("sorter_pulses", "counter", "Pulses of gates, by what became of them.", samples)


def _measured(health: Health, at_ns: int) -> Iterator[str]:
    for name, kind, text, value in (
        ("sorter_frames", "counter", "Frames looked at.", health.frames),
        ("sorter_frames_dropped", "counter", "Frames replaced by a newer one, or lost.", health.frames_dropped),
        ("sorter_tracks", "counter", "Fruit followed.", health.tracks),
        ("sorter_shed_fruit", "counter", "Fruit sent to the belt's end for want of time.", health.shed),
        ("sorter_messages_shed", "counter", "Messages given up for want of room.", health.shed_messages),
        ("sorter_messages_queued", "gauge", "Messages that wait for the broker.", health.queued_messages),
        ("sorter_broker_online", "gauge", "1 while the broker answers.", health.broker == "online"),
        ("sorter_throttled", "gauge", "1 while the computer is throttled.", health.throttled),
        ("sorter_feed_inhibit", "gauge", "1 while upstream is asked for less.", health.feed_inhibit),
        ("sorter_health_age_seconds", "gauge", "Since the line last said how it is.", (at_ns - health.at_ns) / 1e9),
    ):
        yield from _family(name, kind, text, [({}, value)])
    yield from _family("sorter_step_seconds", "gauge", "A step of the line with a frame.", _times(health, "step"))
    late_s = [({"quantile": "0.99"}, health.gate_late_p99_ms / 1e3)]
    yield from _family("sorter_gate_late_seconds", "gauge", "How late a gate's edge was.", late_s)
    inference_s = [({"quantile": "0.5"}, health.inference_p50_ms / 1e3)]
    yield from _family("sorter_inference_seconds", "gauge", "The network on one crop.", inference_s)
    states = [({"sorter_state": state}, state == health.state) for state in get_args(LineState)]
    yield from _family("sorter_state", "stateset", "What the line does.", states)


def _times(health: Health, name: str) -> list[Sample]:
    return [({"quantile": q}, getattr(health, f"{name}_p{p}_ms") / 1e3) for q, p in (("0.5", "50"), ("0.99", "99"))]


def _family(name: str, kind: str, text: str, samples: Iterable[Sample], suffix: str = "") -> Iterator[str]:
    yield f"# TYPE {name} {kind}"
    if name.endswith("_seconds"):
        yield f"# UNIT {name} seconds"
    yield f"# HELP {name} {text}"
    for labels, value in samples:
        shown = ",".join(f'{key}="{_escaped(held)}"' for key, held in labels.items())
        yield f"{name}{suffix or ('_total' if kind == 'counter' else '')}{f'{{{shown}}}' if shown else ''} {value:g}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


class Endpoint(Figures):
    """The figures, served. `serve` has a thread of its own."""

    def __init__(self, profile: Profile, bundle: str, port: int) -> None:
        """`port` 0: any that is free, `bound` then says which."""
        super().__init__(profile, bundle)
        self._port = port
        self.bound: int | None = None

    def serve(self, is_over: Callable[[], bool]) -> None:
        """Answer scrapers until it is over. A port that is taken costs the endpoint, never the line."""
        port, figures = self._port, self

        class Answer(BaseHTTPRequestHandler):
            timeout = PATIENCE_S

            def do_GET(self) -> None:  # as http.server calls it
                if self.path != "/metrics":
                    self.send_error(404, "only /metrics is here")
                    return
                body = figures.text(now_ns()).encode()
                self.send_response(200)
                self.send_header("Content-Type", CONTENT_TYPE)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """A scrape is no change of state."""

        try:
            server = HTTPServer((LOOPBACK, port), Answer)
        except OSError as error:
            _log.warning("no endpoint, sorting on", port=port, reason=error.strerror or str(error))
            return
        with server:
            server.timeout = LOOK_S
            self.bound = server.server_port
            while not is_over():
                server.handle_request()
