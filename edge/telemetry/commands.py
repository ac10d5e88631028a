"""Commands from people and programs: who may, what is done, and one answer each. None moves a gate.

Everything is bounded: a command's size, how many a user may give in a while, how many answers are remembered.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter, ValidationError

from edge.clock import utc_text
from edge.ledger.entries import Event
from edge.log import Log
from edge.telemetry.command_messages import COMMANDS, Command, Result
from edge.telemetry.messages import Message, Writer
from edge.telemetry.noted import noted

MOST_BYTES = 4_096
LONGEST_AHEAD = timedelta(minutes=10)
"""A command that is good for longer is refused: its answer could not be remembered for so long."""
MOST_REMEMBERED = 1_000
BURST, PER_S = 40, 20
"""Of each user: so many at once, and so many a second for long. What is more is not even answered."""
NS = 1_000_000_000

Answer = tuple[bool, str]
"""Whether it was done, and what, or why not."""
Action = Callable[[Any, str], Answer]
"""Told the command and the user. Called by the thread that hears the broker; never blocks."""

_ENVELOPE = TypeAdapter(Command)
_ADAPTERS: Mapping[str, TypeAdapter[Any]] = {name: TypeAdapter(shape) for name, shape in COMMANDS.items()}
_log = Log("commands")


@dataclass(slots=True)
class CommandCounts:
    """Since the run began. `dropped` were not worth an answer."""

    done: int = 0
    refused: int = 0
    repeated: int = 0
    dropped: int = 0


@dataclass(slots=True)
class _Allowance:
    """What a user may still give: a bucket that fills with time."""

    left: float = BURST
    at_ns: int = 0

    def take(self, now_ns: int) -> bool:
        self.left = min(BURST, self.left + (now_ns - self.at_ns) / NS * PER_S)
        self.at_ns = now_ns
        if self.left < 1:
            return False
        self.left -= 1
        return True


@dataclass(frozen=True, slots=True)
class _Said:
    answer: Message
    until: datetime


class Desk:
    """One machine's. All methods belong to the thread that hears the broker."""

    def __init__(
        self,
        writer: Writer,
        allowed: Mapping[str, Sequence[str]],
        actions: Mapping[str, Action],
        utc: Callable[[], str] = utc_text,
        note: Callable[[Event], None] | None = None,
    ) -> None:
        """`allowed`: user to the names of commands, as the profile has it. `actions`: what each name does here. `note`
        hears of each that was done: who, what, and about what."""
        self._note = note
        self.counts = CommandCounts()
        self._writer = writer
        self._root = f"{writer.root}/cmd/"
        self._allowed = allowed
        self._actions = actions
        self._utc = utc
        self._allowances = {user: _Allowance() for user in allowed}
        self._stranger = _Allowance()
        self._said: OrderedDict[tuple[str, str, str], _Said] = OrderedDict()
        self._told = ""
        self._now_ns = self._tell_at_ns = 0

    @property
    def remembered(self) -> int:
        """Answers that are kept for a repeated command."""
        return len(self._said)

    def hear(self, topic: str, payload: bytes, retained: bool, now_ns: int) -> Message | None:
        """Take one message that has come; returns its answer, or None where it deserves none. Never raises for
        anything that a broker may deliver."""
        self._now_ns = now_ns
        user, _, name = topic.removeprefix(self._root).partition("/")
        if not topic.startswith(self._root) or name not in COMMANDS:
            return self._drop(f"{topic[:100]!r} is no command")
        if not self._allowances.get(user, self._stranger).take(now_ns):
            return self._drop(f"{user[:32]} gives more than {PER_S} a second" if user in self._allowed else "strangers")
        if retained:  # it would come again at every connect
            return self._drop(f"{user[:32]}: a retained {name}; send it without the retain flag")
        if len(payload) > MOST_BYTES:
            return self._drop(f"{user[:32]}: {name} of {len(payload)} bytes, {MOST_BYTES} at most")
        try:
            envelope: Command = _ENVELOPE.validate_json(payload)
            until = _instant(envelope.expires_utc)
        except ValueError:
            return self._drop(f"{user[:32]}: {name} without a good id and expires_utc")
        return self._answer(user, name, envelope.id, until, payload)

    def _answer(self, user: str, name: str, command_id: str, until: datetime, payload: bytes) -> Message | None:
        now = _instant(self._utc())
        self._forget(now)
        if user not in self._allowed:
            if len(user) > 32:
                return self._drop("a user's name is too long")
            return self._refuse(user, name, command_id, "nobody by this name may command it: see [commands]")
        if said := self._said.get((user, name, command_id)):
            self.counts.repeated += 1
            return said.answer
        if why := self._why_not(user, name, now, until):
            return self._refuse(user, name, command_id, why)
        done, text = self._act(user, name, payload)
        answer = self._encode(user, name, command_id, done, text)
        self._said[user, name, command_id] = _Said(answer, until)
        return answer

    def _act(self, user: str, name: str, payload: bytes) -> Answer:
        try:
            command: Command = _ADAPTERS[name].validate_json(payload)
        except ValidationError as error:
            return False, _first(error)
        done, text = self._actions[name](command, user)
        if self._note and done and (event := noted(command, name, user, text, self._now_ns)):
            self._note(event)
        return done, text

    def _why_not(self, user: str, name: str, now: datetime, until: datetime) -> str:
        if name not in self._allowed[user]:
            return f"{user} may not: see [commands] in its profile"
        if name not in self._actions:
            return "this machine cannot do that"
        if until <= now:
            return f"too late: expires_utc is over, it is {self._utc()} here"
        if until > now + LONGEST_AHEAD:
            return f"expires_utc must be at most {LONGEST_AHEAD.seconds // 60} minutes from now, {self._utc()} here"
        return "too many commands: wait a minute" if len(self._said) >= MOST_REMEMBERED else ""

    def _forget(self, now: datetime) -> None:
        """What is over cannot be acted on again."""
        if len(self._said) * 2 >= MOST_REMEMBERED:
            for key in [key for key, said in self._said.items() if said.until <= now]:
                del self._said[key]

    def _encode(self, user: str, name: str, command_id: str, done: bool, text: str) -> Message:
        if done:
            self.counts.done += 1
            _log.info("done", user=user, command=name, id=command_id, said=text)
        else:
            self.counts.refused += 1
            self._tell(f"{user}: {name}: {text}")
        fields: dict[str, Any] = {"id": command_id, "user": user, "name": name, "text": text}
        return self._writer.encode(
            Result(**self._writer.aside(), **fields, outcome="done" if done else "refused"),
        )

    def _refuse(self, user: str, name: str, command_id: str, why: str) -> Message:
        return self._encode(user, name, command_id, False, why)

    def _drop(self, why: str) -> Message | None:
        self.counts.dropped += 1
        self._tell(why)
        return None

    def _tell(self, why: str) -> None:
        """Once, until there is something else to tell, and once in ten seconds at most: a flood is a few lines."""
        if why != self._told and self._now_ns >= self._tell_at_ns:
            self._told, self._tell_at_ns = why, self._now_ns + 10 * NS
            _log.warning("refused", why=why)


def _instant(text: str) -> datetime:
    """Raises ValueError for what is no instant, or one without its zone."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(text)
    return found


def _first(error: ValidationError) -> str:
    fault = error.errors(include_url=False, include_input=False, include_context=False)[0]
    return f"{'.'.join(map(str, fault['loc'])) or 'payload'}: {fault['msg']}"
