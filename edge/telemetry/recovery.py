"""What earlier runs left, put together from the outbox's file and the journals: pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from edge.telemetry.journal import Left
from edge.telemetry.losses import GREETING, Lost
from edge.telemetry.messages import Message
from edge.telemetry.rows import EarlierRun, Kept


@dataclass(frozen=True, slots=True)
class Recovered:
    """`messages` that only journals hold, in order; `drafts` that nothing settled; `settled` keys; `gaps` that were
    counted but not told yet; `lost` what the ends of those runs cost."""

    messages: tuple[Message, ...]
    drafts: dict[str, Message]
    settled: tuple[str, ...]
    gaps: tuple[Lost, ...]
    lost: tuple[Lost, ...]


def recover(
    kept: Kept, left: Sequence[Left], boot: str, holds: Callable[[Iterable[str]], set[tuple[str, int]]]
) -> Recovered:
    """`boot` names the computer's present boot; `holds` says which numbers the file has."""
    known = holds({each.run_id for each in left}) if left else set()
    drafts = dict(kept.drafts)
    settled: list[str] = []
    messages: dict[tuple[str, int], Message] = {}
    for noted in (noted for each in left for noted in each.noted):
        message = noted.message
        if noted.is_draft:
            drafts[noted.key or ""] = message
            continue
        if noted.key is not None:
            settled.append(noted.key)
            drafts.pop(noted.key, None)
        if (message.run_id, message.seq) not in known:
            messages[message.run_id, message.seq] = message
    gaps = tuple(gap for gap in kept.gaps if gap.key not in settled)
    return Recovered(tuple(messages.values()), drafts, tuple(settled), gaps, tuple(_ends(kept.unclosed, left, boot)))


def _ends(unclosed: Iterable[EarlierRun], left: Sequence[Left], boot: str) -> Iterator[Lost]:
    """A run whose journals are of this boot was killed, and they hold all of it. A run without them lost the power, and
    with it what no commit had."""
    killed = {each.run_id: each for each in left if each.boot == boot}
    for each in killed.values():  # a run's two files count alike
        for (first, last), most in ((each.greeting, GREETING), (each.unnoted, each.unnoted[1])):
            if last:
                yield Lost(each.run_id, "killed", first, last, min(most, last - first + 1))
    for run in unclosed:
        if run.run_id not in killed:
            yield Lost(run.run_id, "power", run.last_seq + 1, None, None)
