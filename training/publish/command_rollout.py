"""`sorter rollout`: arguments in, lines out."""

import json
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from training.publish.command import Keys

if TYPE_CHECKING:
    from edge.release import Channel
    from training.publish.ear import Broker, Ear
    from training.publish.rolling import Rolling
    from training.publish.rollout import Record, Said


class Action(StrEnum):
    """What can be done to a channel's machines."""

    START = "start"
    STATUS = "status"
    PAUSE = "pause"
    RESUME = "resume"
    ABORT = "abort"
    PIN = "pin"
    UNPIN = "unpin"


def rollout(
    action: Annotated[Action, typer.Argument(help="What to do.", show_default=False)],
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of releases.", show_default=False)],
    machine: Annotated[
        str | None, typer.Argument(metavar="[MACHINE]", help="pin, unpin: site/machine.", show_default=False)
    ] = None,
    channel: Annotated[str, typer.Option(metavar="NAME", help="Whose machines.")] = "stable",
    bundle: Annotated[
        str | None, typer.Option(metavar="NAME@DIGEST", help="start, pin: a released bundle.", show_default=False)
    ] = None,
    fleet: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="start: plant.json, or lines of site/machine; repeatable."),
    ] = None,
    first: Annotated[
        list[str] | None, typer.Option(metavar="MACHINE", help="start: the first wave; repeatable.")
    ] = None,
    share: Annotated[
        list[float] | None,
        typer.Option(min=0.001, max=1, help="start: a further wave; repeatable. 0.1 and 1 if left out."),
    ] = None,
    success: Annotated[float, typer.Option(min=0.01, max=1, help="start: so much of a wave must run it.")] = 0.9,
    errors: Annotated[float, typer.Option(min=0, max=1, help="start: more refusals than this take it back.")] = 0.1,
    hold_minutes: Annotated[float, typer.Option(min=0, help="start: the least time of a wave.")] = 60,
    patience_hours: Annotated[float, typer.Option(min=0, help="start: without success it pauses then.")] = 72,
    keys: Keys = None,
    broker: Annotated[str | None, typer.Option(metavar="URL", help="mqtt://host or mqtts://host.")] = None,
    username: Annotated[str | None, typer.Option(help="At the broker.", show_default=False)] = None,
    password_file: Annotated[Path | None, typer.Option(metavar="FILE", show_default=False)] = None,
    ca_file: Annotated[Path | None, typer.Option(metavar="FILE", help="The plant's CA.", show_default=False)] = None,
    every_s: Annotated[float, typer.Option(min=0.1, help="start, resume: how often to decide.")] = 10,
    once: Annotated[bool, typer.Option(help="start, resume: decide once, and leave.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="status: for programs.")] = False,
) -> None:
    """Bring a bundle to a channel's machines wave by wave, and take it back where they refuse it."""
    from edge.errors import UsageFault
    from training.publish.ear import Broker
    from training.publish.keys import Keyring
    from training.publish.repository import Repository
    from training.publish.rolling import Rolling

    rolling = Rolling(lambda: Repository(folder, Keyring(keys or [])), channel)
    at = Broker(broker, username, password_file, ca_file) if broker else None
    doing: dict[Action, Callable[[], object]] = {
        Action.START: lambda: _start(
            rolling, bundle, fleet, first, share, success, errors, hold_minutes, patience_hours
        ),
        Action.STATUS: lambda: _status(rolling, at, as_json),
        Action.PAUSE: lambda: _say(rolling, rolling.turn("paused", "by hand")),
        Action.RESUME: lambda: _say(rolling, rolling.turn("running")),
        Action.ABORT: lambda: _say(rolling, rolling.turn("aborted", "by hand")),
        Action.PIN: lambda: _pin(rolling, channel, machine, bundle),
        Action.UNPIN: lambda: _unpin(rolling, channel, machine),
    }
    try:
        doing[action]()
        if action in (Action.START, Action.RESUME):
            _follow(rolling, at, every_s, once)
    except OSError as error:
        raise UsageFault(f"{error.filename or folder}: {error.strerror}; give a folder that can be written") from None


def _start(
    rolling: "Rolling",
    bundle: str | None,
    fleet: list[Path] | None,
    first: list[str] | None,
    share: list[float] | None,
    success: float,
    errors: float,
    hold_minutes: float,
    patience_hours: float,
) -> None:
    from edge.errors import UsageFault
    from edge.release import Wave
    from training.publish.fleet import checked_machine, read_fleet

    if bundle is None or not first:
        raise UsageFault(
            "start needs --bundle NAME@DIGEST, and --first SITE/MACHINE: who goes first is not left to chance"
        )
    shares = share or [0.1, 1.0]
    if sorted(shares) != shares or shares[-1] != 1:
        raise UsageFault(f"--share {' --share '.join(map(str, shares))}: must grow, and end with 1")
    named = tuple(checked_machine(name) for name in first)
    waves = [Wave(machines=named), *(Wave(machines=named, share=one) for one in shares)]
    made = rolling.start(bundle, read_fleet(fleet or []), waves, success, errors, hold_minutes, patience_hours * 60)
    _say(rolling, made)


def _follow(rolling: "Rolling", at: "Broker | None", every_s: float, once: bool) -> None:
    """Look until it is over or pauses: exit status 1 where that is not what was wished for. Ctrl-C and a kill do no
    harm: resume goes on."""
    from training.publish.ear import Ear

    if at is None:
        print("no --broker: nobody is heard; sorter rollout resume goes on with one")
        return
    ear, told = Ear(at), ""
    while True:
        record, text = _look(rolling, ear, every_s, once)
        if text != told:
            told = text
            print(text, flush=True)
        if record.phase != "running" or once:
            break
    ear.close()
    if record.phase in ("paused", "stopped", "aborted"):
        raise typer.Exit(1)


def _look(rolling: "Rolling", ear: "Ear", every_s: float, once: bool) -> "tuple[Record, str]":
    from edge.errors import BrokerFault
    from training.publish.board import headline

    fault = ""
    try:
        ear.listen(every_s if not once else 30, until_quiet=once)
    except BrokerFault as error:
        if once:
            raise
        fault = f"; {error}; tried again"
        ear.rest(every_s)
    record = rolling.look(ear.heard)
    return record, headline(record, rolling.read()[1], ear.heard) + fault


def _status(rolling: "Rolling", at: "Broker | None", as_json: bool) -> None:
    from edge.errors import BrokerFault
    from training.publish.board import as_json as all_of_it
    from training.publish.ear import Ear

    record, word = rolling.read()
    ear = Ear(at) if at else None
    deaf: BrokerFault | None = None
    try:
        if ear:
            ear.listen(30, until_quiet=True)
            ear.close()
    except BrokerFault as fault:
        deaf = fault  # what is signed can be told all the same
    heard = ear.heard if ear else {}
    if as_json:
        print(json.dumps(all_of_it(record, word, heard), indent=1))
    else:
        _print_board(record, word, heard)
    if deaf:
        raise deaf


def _print_board(record: "Record | None", word: "Channel", heard: "Mapping[str, Said]") -> None:
    from training.publish.board import headline, table

    print(f"{word.channel}: names {word.bundle}, by its word {word.counter} of {word.issued_utc}")
    if record:
        print(headline(record, word, heard))
    for line in table(record, word, heard):
        print(line)


def _say(rolling: "Rolling", record: "Record") -> None:
    from training.publish.board import headline

    print(headline(record, rolling.read()[1], {}))


def _pin(rolling: "Rolling", channel: str, machine: str | None, bundle: str | None) -> None:
    from training.publish.channels import pin
    from training.publish.fleet import checked_machine

    name = checked_machine(machine or "")
    word = rolling.change(lambda repository: pin(repository, channel, name, bundle))
    print(f"{name}: pinned to {word.pins[name].bundle}, by word {word.counter} of {channel}")


def _unpin(rolling: "Rolling", channel: str, machine: str | None) -> None:
    from training.publish.channels import unpin
    from training.publish.fleet import checked_machine

    name = checked_machine(machine or "")
    word = rolling.change(lambda repository: unpin(repository, channel, name))
    print(f"{name}: follows {channel} again, by its word {word.counter}")
