"""What a machine's history costs it: drift, audit and ledger fed with what the line makes, at 20 fruit/s, in a process
of its own (`python -m edge.bench.history`) so that their memory can be told from all else.

The line runs once over the shipped frames; what it made is given to them over and over, under other names, as 20
fruit/s would come. Counted is the time that a processor computes, in `put` and in their threads alike.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from edge.audited.draw import Sampled
from edge.bench.pipeline import Bench, demo_with
from edge.bench.pipeline import bench as line_bench
from edge.bench.recorded import load_cases
from edge.bundle import FACTORY, Bundle, load_bundle
from edge.clock import computed_ns
from edge.config import Profile
from edge.datapath import BELT_END, GateClosed, GatePulse, Look, Outcome, Record, StepInputs, Track, Verdict
from edge.detect.segment import Segmenter
from edge.grade.litert import LiteRTGrader
from edge.inspection import Inspection
from edge.ledger.blocks import segments
from edge.ledger.entries import Decision
from edge.ledger.reading import read
from edge.wishes import Said

FRUIT_PER_S = 20
MOST_PERCENT, MOST_MB = 5.0, 30.0
FRUIT = 6_000
"""Five minutes of them."""

_TEMPLATES = 80
_A_FRUIT_NS = 1_000_000_000 // FRUIT_PER_S
_AUDITED = 50
"""One in so many goes to inspection, and a person says what it was."""


class Part(Protocol):
    """Drift, audit or ledger."""

    def put(self, record: Record) -> None: ...


def pipeline(bundle: Path = FACTORY) -> dict[str, Any]:
    """`sorter bench pipeline`: the line's step beside its floor, and what a machine's history costs beside it."""
    figures, own = line_bench(bundle), bench(bundle)
    parts = [{"part": name, "core_percent": percent} for name, percent in own["each_percent"].items()]
    figures |= {"history": parts, "history_core_percent": own["percent"], "history_mb": own["mb"]}
    missed = [*figures.get("missed", ()), *own["missed"]]
    return figures | ({"missed": missed} if missed else {})


def bench(bundle: Path = FACTORY, fruit: int = FRUIT) -> dict[str, Any]:
    """Figures of a process of its own. `missed` names the targets that were."""
    command = [sys.executable, "-m", "edge.bench.history", str(bundle), str(fruit)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    figures: dict[str, Any] = json.loads(done.stdout)
    missed = []
    if figures["percent"] > MOST_PERCENT:
        missed.append(f"drift, audit and ledger: {figures['percent']:.1f} % of a core; at most {MOST_PERCENT:g}")
    if figures["mb"] > MOST_MB:
        missed.append(f"drift, audit and ledger: {figures['mb']:.0f} MB; at most {MOST_MB:g}")
    return figures | {"missed": missed}


class _Taken:
    """The line's records, a fruit's together: what came since the last verdict, with the verdict at the end."""

    def __init__(self, bundle: Bundle) -> None:
        case = load_cases()[0]
        demo = demo_with(case)
        self.profile = demo.model_copy(update={"grade": demo.grade.model_copy(update={"most_looks": 12})})
        self.fruit: list[list[Record]] = []
        self._coming: list[Record] = []
        grader, thresholds = LiteRTGrader(bundle), bundle.manifest.thresholds
        self._bench = Bench(case, self.profile, Segmenter(case.mm_per_px), grader, thresholds, self._take)

    def run(self) -> None:
        while len(self.fruit) < _TEMPLATES:
            self._bench.frame()

    def _take(self, record: Record) -> None:
        if isinstance(record, StepInputs):
            record = replace(record, frame=None, detections=())  # nobody here keeps a frame
        self._coming.append(record)
        if isinstance(record, Verdict):
            self.fruit.append(self._coming)
            self._coming = []


def again(records: Iterable[Record], n: int, at_ns: int) -> list[Record]:
    """A fruit's records as those of the `n`th: its verdict at an instant, its gate opened and closed after it."""
    name, made = f"bench.{n}", list[Record]()
    for record in records:
        if isinstance(record, Look):
            made.append(_varied(record, name, n))
        elif isinstance(record, Track):
            looks = tuple(_varied(look, name, n) for look in record.looks)
            made.append(replace(record, track_id=name, looks=looks))
        elif isinstance(record, Verdict):
            audit = None if n % _AUDITED else Sampled(1 / _AUDITED, record.outlet, record.reason)
            verdict = replace(record, track_id=name, decided_at_ns=at_ns, audit=audit)
            made += [verdict, *_gate(verdict, at_ns)]
        else:
            made.append(record)
    return made


def _varied(look: Look, name: str, n: int) -> Look:
    """A little different each time, as fruit are: what is always the same would pack too well."""
    share = (n * 31 + look.frame * 7) % 101 / 1_000
    scores = tuple(score * (1 - share) + share / len(look.scores) for score in look.scores)
    return replace(look, track_id=name, frame=look.frame + n, sharpness=look.sharpness * (1 + share), scores=scores)


def _gate(verdict: Verdict, at_ns: int) -> tuple[Record, ...]:
    if verdict.outlet == BELT_END:
        return ()
    pulse = GatePulse(verdict.track_id, verdict.outlet, 0, 1, 0, 0)
    opened = Outcome(pulse, "fired", at_ns + 300_000_000, 0)
    return pulse, opened, GateClosed(pulse.gate, at_ns + 380_000_000, (pulse.track_id,))


def main(bundle: Path, fruit: int) -> None:
    """Print the figures as JSON."""
    loaded = load_bundle(bundle)
    taken = _Taken(loaded)
    taken.run()
    gc.collect()
    before_mb = rss_mb()
    with tempfile.TemporaryDirectory() as folder:
        measured = _Measured(taken.profile, loaded, Path(folder))
        figures = measured.run(taken.fruit, fruit)
    sys.stdout.write(json.dumps(figures | {"mb": round(measured.most_mb - before_mb, 1), "fruit": fruit}))


class _Measured:
    """The three parts as the device has them, on a clock that jumps from fruit to fruit."""

    def __init__(self, profile: Profile, bundle: Bundle, folder: Path) -> None:
        from edge.trace.ledger import Begun, Ledger
        from edge.watch.audit import Audit
        from edge.watch.drift import Drift

        self.most_mb = 0.0
        """The most that this process held."""
        self._now_ns = 0
        self._line = Inspection(profile.audit.outlet)
        history = profile.history.model_copy(update={"folder": folder})
        audit = profile.audit.model_copy(update={"share": 1 / _AUDITED})
        profile = profile.model_copy(update={"history": history, "audit": audit})
        self.drift = Drift(profile, bundle.identity, folder / "watch")
        self.audit = Audit(profile, "bench", bundle.identity, utc=self._utc, agreed=0.9)
        begun = Begun(profile, "bench", bundle.identity, bundle.folder)
        self.ledger = Ledger(begun, lambda: (self._now_ns // 1_000_000, self._now_ns))
        self._steps: dict[str, Callable[[int], int]] = {
            "drift": self.drift.keep,
            "audit": self.audit.keep,
            "ledger": self.ledger.step,
        }
        self._due = dict.fromkeys(self._steps, 0)
        self._spent = dict.fromkeys(self._steps, 0)

    def run(self, templates: Sequence[Sequence[Record]], fruit: int) -> dict[str, Any]:
        """Percent of a core for each, and bytes of the ledger for each fruit."""
        parts: dict[str, Part] = {"drift": self.drift, "audit": self.audit, "ledger": self.ledger}
        for n in range(fruit):
            self._now_ns = (n + 1) * _A_FRUIT_NS
            records = again(templates[n % len(templates)], n, self._now_ns)
            said = [Said(f"bench.{n}", "maria", "red")] if n % _AUDITED == 0 else []
            for name, part in parts.items():
                began_ns = computed_ns()
                for record in records:
                    part.put(record)
                self._spent[name] += computed_ns() - began_ns
            self._step(said)
            if n % 100 == 0:
                self.most_mb = max(self.most_mb, rss_mb())
        self._time("ledger", self.ledger.close)
        share = {name: round(spent / (fruit * _A_FRUIT_NS) * 100, 3) for name, spent in self._spent.items()}
        held = sum(path.stat().st_size for path in self._ledger_files())
        decided = sum(isinstance(one.entry, Decision) for one in read(self.ledger.folder))
        heard = {"drift": self.drift.fruit, "ledger": decided}
        return {
            "percent": round(sum(share.values()), 3),
            "each_percent": share,
            "heard": heard,
            "bytes_a_fruit": round(held / fruit),
        }

    def _step(self, said: list[Said]) -> None:
        """What each does in a thread of its own, and what the shell asks once a second."""
        for name, step in self._steps.items():
            if self._now_ns >= self._due[name]:
                began_ns = computed_ns()
                self._due[name] = step(self._now_ns)
                self._spent[name] += computed_ns() - began_ns
        if said:
            self._time("audit", lambda: self.audit.serve(self._line, said))
        if self._now_ns % 1_000_000_000 < _A_FRUIT_NS:
            self._time("drift", lambda: list(self.drift.news()))
            self._time("audit", lambda: list(self.audit.news()))

    def _time(self, name: str, deed: Callable[[], object]) -> None:
        began_ns = computed_ns()
        deed()
        self._spent[name] += computed_ns() - began_ns

    def _ledger_files(self) -> list[Path]:
        return segments(self.ledger.folder)

    def _utc(self) -> str:
        return datetime.fromtimestamp(self._now_ns / 1e9, UTC).isoformat()


def rss_mb() -> float:
    """What this process holds now, in megabytes."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
