"""The audit of a run: which fruit were drawn, what people say of them, how good the machine is by that, and by which
chance the next are drawn.

The line's thread lays down what happens and takes what was decided; a thread of its own works it out.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

from edge import clock
from edge.audited.draw import Sampling, key_of_run
from edge.audited.estimate import called, estimate
from edge.audited.figures import Figures
from edge.audited.rate import Terms, next_share
from edge.audited.roll import Drawn, Roll
from edge.auditsection import Audit as Settings
from edge.config import Profile
from edge.datapath import LABELS, Record, StepInputs, Verdict
from edge.incidents import Told
from edge.incidents_audit import ACCURACY_FELL
from edge.inspection import INSPECTED, Inspection, as_sorted
from edge.watch.auditfile import read_roll, secret_of, write_roll
from edge.wishes import Said

S = 1_000_000_000
WORK_NS = 30 * S
"""Between two times that all is worked out: a second after what was said last, and no more often than this."""
SAVE_NS = 300 * S
"""A card wears with each."""
MOST_WAITING = 10_000
_REFERENCE_CONFIDENCE = 0.98


class Audit:
    """One run's. `put`, `serve` and `news` belong to the line's thread, `keep` and `close` to one that may wait for the
    disk."""

    def __init__(
        self,
        profile: Profile,
        run_id: str,
        bundle: str,
        secret: bytes | None = None,
        utc: Callable[[], str] = clock.utc_text,
        agreed: float | None = None,
    ) -> None:
        """`bundle` grades to begin with; `secret` is the machine's own where None; `agreed` holds where the profile is
        silent."""
        self._settings: Settings = profile.audit
        self._history: Path | None = profile.history.folder
        self._utc = utc
        self._key = key_of_run(secret or secret_of(self._history), run_id)
        self._roll, share = read_roll(self._history)
        if self._roll.bundle != bundle:
            self._roll = Roll(bundle)
        least, most = self._settings.bounds
        self._share = min(most, max(least, self._settings.share if share is None else share))
        self._agreed = agreed if self._settings.agreed is None else self._settings.agreed
        self._heard: deque[Drawn | Said | str] = deque(maxlen=MOST_WAITING)
        self._fruit = 0
        self._counted: tuple[int, int] | None = None
        self._per_hour: float | None = None
        self._held: Sampling | None = None
        self._work_ns = self._adapt_ns = self._save_ns = 0
        self._is_new = True
        self._is_saved = True
        self._figures: Figures | None = None

    def put(self, record: Record) -> None:
        """Answers RecordSink."""
        if isinstance(record, Verdict):
            self._judged(record)
        elif isinstance(record, StepInputs) and record.adopted:
            self._heard.append(record.adopted.bundle)

    def serve(self, inspection: Inspection, said: Iterable[Said]) -> None:
        """Between two steps of the line: take what people have said, offer the chance by which fruit are drawn from now
        on."""
        self._heard.extend(said)
        wanted = Sampling(self._share, self._key)
        if wanted != self._held:
            self._held = wanted
            inspection.offer(wanted)

    def news(self) -> Iterable[Told]:
        """What the operator is told."""
        if figures := self._figures:
            yield Told(ACCURACY_FELL.code, figures.alarm is not None, figures.alarm or {})

    def keep(self, now_ns: int) -> int:
        """Work out what was heard; returns when to be called again."""
        while self._heard:
            self._take(self._heard.popleft())
        if self._is_new and now_ns >= self._work_ns:
            self._work_ns, self._is_new = now_ns + WORK_NS, False
            self._work()
        if now_ns >= self._adapt_ns:
            self._adapt(now_ns)
        if not self._is_saved and now_ns >= self._save_ns:
            self._save_ns = now_ns + SAVE_NS
            self._save()
        return now_ns + S

    def latest(self) -> Figures | None:
        """What was worked out last. Any thread."""
        return self._figures

    def inspected(self) -> list[Drawn]:
        """The drawn fruit that people have judged. The thread of `keep`."""
        return [one for one in self._roll if one.words]

    def close(self) -> None:
        """Note what is left. Never raises."""
        while self._heard:
            self._take(self._heard.popleft())
        self._save()

    def _judged(self, verdict: Verdict) -> None:
        own = as_sorted(verdict)
        self._fruit += own.reason in INSPECTED
        if verdict.audit is not None:
            as_ = called(own.label, own.reason)
            drawn = Drawn(verdict.track_id, as_, verdict.audit.chance, self._now_s(), outlet=own.outlet)
            self._heard.append(drawn)

    def _take(self, heard: Drawn | Said | str) -> None:
        if isinstance(heard, Drawn):
            self._roll.draw(heard)
        elif isinstance(heard, str):
            self._roll = Roll(heard)
        elif not self._roll.say(heard.track_id, heard.user, heard.label):
            return
        self._is_new, self._is_saved = True, False

    def _work(self) -> None:
        window = self._roll.within(self._settings.hours * 3_600)
        found = estimate([one.inspected() for one in window], LABELS)
        self._figures = Figures(
            bundle=self._roll.bundle,
            share=self._share,
            found=found,
            agreed=self._agreed_now(),
            alarm=self._alarm(),
            fruit_per_hour=self._per_hour,
            cost_per_hour=None if self._per_hour is None else self._per_hour * self._share * self._settings.cost,
            from_s=window[0].at_s if window else None,
            until_s=max((one.at_s for one in window if one.words), default=None),
        )

    def _agreed_now(self) -> float | None:
        """What it is held to: what people agreed on, else the low end of what it was at first."""
        if self._agreed is not None or self._roll.agreed is not None:
            return self._agreed or self._roll.agreed
        first = self._roll.reference()
        if first is not None:
            self._roll.agreed = min(0.999, max(0.05, estimate(first, (), _REFERENCE_CONFIDENCE).accuracy.low))
        return self._roll.agreed

    def _alarm(self) -> dict[str, float] | None:
        agreed = self._agreed_now()
        if agreed is None or (self._roll.alarmed and self._roll.is_well_again(agreed)):
            return None
        test = self._roll.decay(agreed)
        if not self._roll.alarmed and not test.alarms(self._settings.false_alarms):
            return None
        before = self._figures.alarm if self._figures else None
        self._roll.alarmed = True
        return before or {
            "right": 100 * test.right_since / max(1, test.since),
            "fruit": float(test.since),
            "agreed": 100 * agreed,
        }

    def _adapt(self, now_ns: int) -> None:
        """At set instants: how much comes, and how much of it is to be drawn from now on."""
        every_ns = round(self._settings.adapt_minutes * 60 * S)
        self._adapt_ns = now_ns + every_ns
        before, self._counted = self._counted, (now_ns, self._fruit)
        if before is None or now_ns <= before[0]:
            return
        self._per_hour = (self._fruit - before[1]) / (now_ns - before[0]) * 3_600 * S
        if self._figures:
            s = self._settings
            terms = Terms(*s.bounds, s.width, s.cost, s.most_cost_per_hour)
            self._share = next_share(self._share, self._figures.found, terms, self._per_hour, s.hours)
        self._is_new, self._is_saved = True, False

    def _save(self) -> None:
        self._is_saved = write_roll(self._history, self._roll, self._share)

    def _now_s(self) -> float:
        return datetime.fromisoformat(self._utc()).timestamp()
