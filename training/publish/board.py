"""A rollout as people and programs read it: one line a rollout, one a wave, one a machine."""

from collections import Counter
from collections.abc import Iterator, Mapping

from edge.release import Channel, holds, wanted
from training.publish.rollout import Record, Said, Standing, members, standing

UNIMPORTANT: tuple[Standing, ...] = ("good",)
WORDS: Mapping[Standing, str] = {
    "good": "runs it",
    "refused": "refused it",
    "under way": "on its way",
    "waits": "waits for its window",
    "unheard": "not heard of since",
    "elsewhere": "follows another channel",
    "pinned": "pinned",
}


def headline(record: Record, word: Channel, heard: Mapping[str, Said]) -> str:
    """Where it stands."""
    found = Counter(members(record, word, heard).values())
    counts = ", ".join(f"{n} {WORDS[state]}" for state, n in found.most_common())
    where = f"wave {record.wave + 1} of {len(record.waves)}, {found.total()} of {len(record.fleet)} machines: {counts}"
    why = f" ({record.why})" if record.why else ""
    return f"{record.channel}: {record.bundle} {record.phase}{why}: {where}"


def table(record: Record | None, word: Channel, heard: Mapping[str, Said]) -> Iterator[str]:
    """Each machine: what it runs, and why it does not run what it shall."""
    rows = [_row(record, word, machine, heard.get(machine)) for machine in _fleet(record, word, heard)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def as_json(record: Record | None, word: Channel, heard: Mapping[str, Said]) -> dict[str, object]:
    """All of it: the signed word, the rollout, and what each machine said last."""
    return {
        "channel": word.model_dump(mode="json"),
        "rollout": record.model_dump(mode="json", exclude={"fleet"}) if record else None,
        "machines": {
            machine: {
                "wanted": wanted(word, machine).bundle,
                "by": wanted(word, machine).by,
                "standing": standing(record, word, machine, heard.get(machine)) if record else None,
                "said": heard[machine].model_dump() if machine in heard else None,
            }
            for machine in _fleet(record, word, heard)
        },
    }


def _fleet(record: Record | None, word: Channel, heard: Mapping[str, Said]) -> list[str]:
    """The rollout's machines, and whoever else has said that it follows the channel."""
    more = (machine for machine, said in heard.items() if said.channel == word.channel)
    return sorted({*(record.fleet if record else ()), *more, *word.pins})


def _row(record: Record | None, word: Channel, machine: str, said: Said | None) -> tuple[str, str, str, str]:
    goal = wanted(word, machine)
    reached = record is not None and (not record.is_open or holds(record.rollout, record.rollout, machine))
    stands = (
        WORDS[standing(record, word, machine, said)] if record and reached else "not its turn yet" if record else ""
    )
    if said is None:
        return machine, f"shall run {goal.bundle}", stands, "never heard"
    told = f"{said.state} {said.progress:.0%}" if said.state == "download" else said.state
    why = f": {said.why}: {said.text or ''}" if said.why else ""
    return machine, f"runs {_plain(said.active or 'its own')}", stands, _plain(f"{told}{why} ({said.ts_utc})")


def _plain(text: str) -> str:
    """A broker's text for a terminal: a line, without what would steer it."""
    return "".join(letter if letter.isprintable() else " " for letter in text)[:200]
