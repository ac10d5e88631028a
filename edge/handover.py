"""The machine's side of an update: brings the bundles that the update process has chosen to the line, while it runs.

A thread of its own reads what was chosen, loads it and tries it out on a drawn crop; the line's thread takes what is
ready between two steps. One bundle moves the gates; another may stand in its shadow: a candidate before it is tried,
and while it is on trial the one that ran before it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from edge.bundle import Bundle
from edge.clock import Clock, now_ns
from edge.config import Profile
from edge.datapath import Detection, Record
from edge.errors import SorterError
from edge.gradings import Grading, Gradings
from edge.log import Log
from edge.ports import Grader
from edge.shadow import Shadow
from edge.update.store import Active, Store, beside, choose, note_good_end, note_running
from edge.updates import Compared, read_compared, write_compared
from edge.watch.quality import Quality

LOOK_NS = 1_000_000_000
NOTE_NS = 30_000_000_000
"""Between two notes of what was counted, while nothing is tried: a card wears with each."""
TRIES = 3
"""Of a crop that was drawn: the first call of a network allocates."""

_LOG = Log("update")
_PIXELS = np.full((80, 80, 3), (200, 30, 30), np.uint8)
_DRAWN = Detection((0, 0, 80, 80), 0.0, 0.0, 56.0, 56.0, False, _PIXELS, np.full((40, 40), 255, np.uint8))


class Handover:
    """One run's. `step` and `close` belong to a thread that may wait; all else to the line's. Answers RecordSink and
    `ports.Aside`."""

    def __init__(
        self, profile: Profile, own: Path, grader_of: Callable[[Bundle], Grader], clock: Clock = now_ns
    ) -> None:
        """Choose the bundle to begin with. `own`: the one that came with the machine. Raises what that one raises."""
        self._profile = profile
        self._folder = profile.update.folder
        self._own = own
        self._grader_of = grader_of
        self._clock = clock
        self._store = Store(self._folder)
        self._followed = _chosen(self._store.readable())
        self.bundle, self._why = choose(self._folder, own)
        self._running = self.bundle.identity
        self._wanted = self._followed[1]
        self._run_id = ""
        self._aside: tuple[object, ...] = ()
        self._ready: deque[Grading] = deque(maxlen=1)
        self._shadow: Shadow | None = None
        self._noted = Compared()
        self._note_at_ns = 0
        self.quality = Quality(self._folder, self._running)
        if self._why:
            _LOG.warning("another bundle runs", bundle=self._running, why=self._why)

    def begin(self, run_id: str) -> None:
        """The run has begun with the bundle that was chosen."""
        self._run_id = run_id
        self._note_running()

    def serve(self, gradings: Gradings, timed: Callable[[Grader], Grader], labels: deque[tuple[str, str]]) -> None:
        """Between two steps: what is ready takes over; what people said of fruit is held to what was called."""
        if self._ready:
            grading = self._ready.popleft()
            gradings.offer(replace(grading, grader=timed(grading.grader)))
        while labels:
            self.quality.audit(*labels.popleft())

    def looked(self, seen: Sequence[tuple[str, Detection]]) -> None:
        """See `ports.Aside`."""
        self._aside_of_line(lambda shadow: shadow.looked(seen))

    def put(self, record: Record) -> None:
        """Answers RecordSink."""
        self.quality.put(record)
        self._aside_of_line(lambda shadow: shadow.put(record))

    def use(self, until_ns: int, clock: Clock) -> None:
        """Give the shadow the time until then, if it needs any."""
        self._aside_of_line(lambda shadow: shadow.use(until_ns, clock))

    def step(self, now_ns: int) -> int:
        """Follow what was chosen, and note what was counted; returns when to be called again."""
        try:
            active = self._store.active()
        except OSError:  # the disk does not answer: what runs, runs on
            return now_ns + LOOK_NS
        if _chosen(active) != self._followed:
            self._followed = _chosen(active)
            self._follow(active)
        # The fallback is compared with what is on trial, so that has to grade first.
        aside = (active.shadow, active.candidate, active.trial, self._running)
        if aside != self._aside:
            self._aside = aside
            self._shadow = self._shadowed(active)
        if self._shadow and self._shadow.compared != self._noted:
            self._noted = self._shadow.compared
            write_compared(self._folder, self._noted)
        if active.shadow or active.trial or now_ns >= self._note_at_ns:
            self._note_at_ns = now_ns + NOTE_NS
            self.quality.step()
        return now_ns + LOOK_NS

    def close(self) -> None:
        """Note the last of what was counted."""
        self.quality.step()

    def end_well(self) -> None:
        """The run ended as it was told to: that counts against no bundle."""
        note_good_end(self._folder)

    def _aside_of_line(self, deed: Callable[[Shadow], None]) -> None:
        """Whatever goes wrong in the shadow ends the shadow, and never the line."""
        shadow = self._shadow
        if shadow is None or shadow.compared.why:
            return
        try:
            deed(shadow)
        except Exception as fault:
            _LOG.warning("left the shadow", bundle=shadow.grading.bundle, why=fault)
            shadow.give_up(_told(fault))

    def _follow(self, active: Active) -> None:
        bundle, self._why = choose(self._folder, self._own)
        self._wanted = active.bundle
        if bundle.identity != self._running:
            try:
                self._ready.append(self._grading(bundle))
                self._running = bundle.identity
                _LOG.info("takes over", bundle=self._running, trial=active.trial)
            except Exception as fault:  # whatever a bundle does to the runtime: what runs, runs on
                self._why = _told(fault)
                _LOG.warning("cannot take over", bundle=bundle.identity, why=fault)
        self._note_running()

    def _shadowed(self, active: Active) -> Shadow | None:
        if active.trial and active.bundle != self._running:
            return None
        try:
            bundle = beside(self._folder, self._own)
            if bundle is None:
                return None
            before = read_compared(self._folder)
            compared = Compared(bundle=bundle.identity, beside=self._running)
            if (before.bundle, before.beside) == (compared.bundle, compared.beside):
                compared = before
            grading = self._grading(bundle)
            began_ns = self._clock()
            grading.grader.grade([_DRAWN])
            return Shadow(grading, compared, self._profile.update.shadow_share, self._clock() - began_ns)
        except Exception as fault:  # as above
            _LOG.warning("cannot stand in the shadow", why=fault)
            write_compared(self._folder, Compared(bundle=active.candidate, beside=self._running, why=_told(fault)))
            return None

    def _grading(self, bundle: Bundle) -> Grading:
        grader = self._grader_of(bundle)
        for _ in range(TRIES):
            grader.grade([_DRAWN])
        return Grading.of(self._profile, grader, bundle.manifest.thresholds, str(bundle.folder.absolute()))

    def _note_running(self) -> None:
        note_running(self._folder, self._running, self._run_id, self._wanted, self._why)


def _told(fault: Exception) -> str:
    return str(fault) if isinstance(fault, SorterError) else f"{type(fault).__name__}: {fault}"[:300]


def _chosen(active: Active) -> tuple[str, str]:
    return active.slot, active.bundle
