"""Commands that must not be acted on: malformed, oversized, late, replayed, retained, unauthorised, or not commands."""

import json
import random
from collections.abc import Iterator
from datetime import timedelta

from edge.telemetry.command_messages import COMMANDS
from tests.edge.telemetry.commanded import ROOT, Commanded

GOOD = {
    "feed": {"go": False},
    "label": {"track_id": "run.1", "label": "red"},
    "acknowledge": {"alarm": "encoder_slips"},
    "preview": {"on": True},
    "check-update": {},
    "review": {"most": 5},
    "pictures": {"track_id": "run.1", "offset": 0},
    "lot": {"lot": "farm-12"},
}
WRONG = (
    None,
    True,
    0,
    -1,
    1e308,
    "",
    "x" * 200,
    [],
    {},
    [[[]]],
    "\x00",
    "9" * 30,
    "😀",
    "red",
    "run.1",
    "../../x",
    "#",
)
NO_INSTANTS = ("soon", "2026-01-01", "2026-01-01T12:00:20", "12:00", "9999-12-31T23:59:59-23:59", "")
STRANGERS = (
    *(("wall", "feed"), ("wall", "label"), ("berta", "feed"), ("", "feed"), ("anna ", "label"), ("ANNA", "feed")),
    *(("x" * 60_000, "feed"), ("\x00", "feed"), ("$SYS", "acknowledge"), ("line-1", "feed")),
)
NOT_COMMANDS = (
    *("", "/", "x" * 65_000, f"{ROOT}/status", f"{ROOT}/cmd", f"{ROOT}/cmd/anna", f"{ROOT}/cmd/anna/"),
    *(f"{ROOT}/cmd/anna/{name}" for name in ("open-gate", "feed/result", "FEED")),
    ROOT.replace("line-1", "line-2") + "/cmd/anna/feed",
)


def hostile(machine: Commanded, chance: random.Random) -> Iterator[tuple[str, bytes, bool]]:
    """Topic, payload and retain flag, without end. Kinds in turn, so that each has its share."""
    while True:
        for kind in KINDS:
            yield kind(machine, chance)


def _payload(machine: Commanded, chance: random.Random, name: str, expires_s: float = 30) -> dict[str, object]:
    expires = machine.now + timedelta(seconds=expires_s)
    return {"id": f"h{chance.getrandbits(60)}", "expires_utc": expires.isoformat(), **GOOD[name]}


def _topic(name: str, user: str = "anna") -> str:
    return f"{ROOT}/cmd/{user}/{name}"


def _name(chance: random.Random) -> str:
    return chance.choice(list(COMMANDS))


def malformed(machine: Commanded, chance: random.Random) -> tuple[str, bytes, bool]:
    """A good command with some of its bytes changed, cut or doubled, so that it is none."""
    name = _name(chance)
    made = bytearray(json.dumps(_payload(machine, chance, name)).encode())
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(made))
        made[at : at + chance.choice((0, 1, 5))] = chance.randbytes(chance.choice((0, 1, 4)))
    made[:1] = chance.choice((b"", b"[", b"\xff", b"{{", b"nul"))
    return _topic(name), bytes(made), False


def misworded(machine: Commanded, chance: random.Random) -> tuple[str, bytes, bool]:
    """Good JSON with a field that is wrong, or gone."""
    name = chance.choice([name for name in COMMANDS if name != "check-update"])
    made = _payload(machine, chance, name)
    field = chance.choice(list(GOOD[name]))
    right = made.pop(field)
    if chance.random() < 0.8:
        made[field] = chance.choice([wrong for wrong in WRONG if type(wrong) is not type(right)])
        if field in ("label", "lot") and made[field] is None:
            made[field] = 5
    return _topic(name), json.dumps(made).encode(), False


def oversized(machine: Commanded, chance: random.Random) -> tuple[str, bytes, bool]:
    name = _name(chance)
    made = _payload(machine, chance, name) | {"more": "x" * chance.choice((4_096, 50_000, 260_000))}
    return _topic(name), json.dumps(made).encode(), False


def late(machine: Commanded, chance: random.Random) -> tuple[str, bytes, bool]:
    name = _name(chance)
    made = _payload(machine, chance, name, expires_s=chance.choice((-1e8, -3600, -1, -0.001, 601, 1e8)))
    if chance.random() < 0.3:
        made["expires_utc"] = chance.choice(NO_INSTANTS)
    return _topic(name), json.dumps(made).encode(), False


def unauthorised(machine: Commanded, chance: random.Random) -> tuple[str, bytes, bool]:
    user, name = chance.choice(STRANGERS)
    return _topic(name, user), json.dumps(_payload(machine, chance, name)).encode(), False


def elsewhere(machine: Commanded, chance: random.Random) -> tuple[str, bytes, bool]:
    """Another machine's command, another name, an answer, or what is no command at all."""
    topic = chance.choice(NOT_COMMANDS)
    return topic, json.dumps(_payload(machine, chance, "feed")).encode(), False


def retained(machine: Commanded, chance: random.Random) -> tuple[str, bytes, bool]:
    name = _name(chance)
    return _topic(name), json.dumps(_payload(machine, chance, name)).encode(), True


def replayed(machine: Commanded, chance: random.Random) -> tuple[str, bytes, bool]:
    """One of the commands that were done at the start, again: word for word, or with other words under its id."""
    name, made = chance.choice(machine.done)
    words = made if chance.random() < 0.5 else made | GOOD[name] | {"go": True, "label": "green"}
    return _topic(name), json.dumps(words).encode(), False


KINDS = (malformed, misworded, oversized, late, unauthorised, elsewhere, retained, replayed)


def with_done(machine: Commanded) -> Commanded:
    """The machine after one good command of each kind that it can do."""
    for n, name in enumerate(name for name in GOOD if name != "check-update"):
        made = {"id": f"good{n}", "expires_utc": (machine.now + timedelta(seconds=600)).isoformat(), **GOOD[name]}
        assert machine.hear_bytes(name, json.dumps(made).encode())["outcome"] == "done"
        machine.done.append((name, made))
    return machine
