"""The front door: finds the command that was asked for, loads it and nothing else, and ends with the right status.

Commands register in the entry-point group `sorter.commands`, each a plain function with typer's annotations that
returns its exit status, or None for 0.
"""

import difflib
import errno
import importlib
import importlib.util
import os
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version

from edge.errors import SorterError, UsageFault
from edge.registered import registered

GROUP = "sorter.commands"

KNOWN = {
    "sim": "the whole machine on a desk, live or in virtual time",
    "run": "the device service",
    "check": "a profile's faults, all at once",
    "grade": "what the device sees in still images",
    "doctor": "what is wrong with this machine, and what to do about it",
    "calibrate": "measures belt, camera, light and gates, and writes the profile",
    "setup": "the guided first hour: choose, wire, test, calibrate, sort ten fruit",
    "bench": "how fast it is here, beside its floor",
    "replay": "a recorded run again, bit for bit",
    "trace": "one fruit's whole history, from its looks to who approved what decided",
    "audit": "whether a machine's ledger is whole and as it was signed",
    "new": "a new machine project, for this crop or another",
    "paint": "a crop's definition to pictures of its fruit",
    "plant": "a plant's CA, certificates, password file and users",
    "collect": "what machines say, as Parquet by day and machine",
    "report": "what a shift, a lot or a bundle did: one page, held to a grade standard",
    "invest": "what an investment would be worth a month, from a machine's history, ranked",
    "data": "a dataset's faults, and its manifest",
    "train": "pictures to a bundle",
    "evaluate": "a bundle's report on pictures",
    "release": "a folder of signed releases, and its keys",
    "publish": "a bundle or a profile to a release, and to a channel",
    "rollout": "a channel's bundle to its machines, wave by wave",
}
"""Every command of the project, installed here or not, in the order of `sorter --help`."""

PARTS = {
    "sim": "make sim",
    "amqtt": "make sim",
    "matplotlib": "make sim",
    "template": "make new",
    "copier": "make new",
    "plant": "make plant",
    "cryptography": "make plant",
    "tuf": "make plant",
    "securesystemslib": "make plant",
    "pyarrow": "make plant",
    "duckdb": "make plant",
    "training": "make training",
    "tensorflow": "make training",
    "keras": "make training",
}
"""A module that an installation may do without, to the one command in a checkout that installs it."""

NEEDS = {
    "sim": ("sim",),
    "new": ("template", "copier"),
    "paint": ("sim",),
    "plant": ("plant", "cryptography"),
    "collect": ("plant", "pyarrow"),
    "report": ("plant",),
    "invest": ("plant",),
    "data": ("training",),
    "train": ("training", "tensorflow"),
    "evaluate": ("training",),
    "release": ("training", "tuf", "cryptography"),
    "publish": ("training", "tuf", "cryptography"),
}

CTRL_C = 130
"""What typer makes of it. Here it is how a command is told to end, and it ends well."""

Command = Callable[..., int | None]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status. Only the project's own mistakes leave a traceback."""
    try:
        status = _dispatch(list(sys.argv[1:] if argv is None else argv))
        if sys.stdout:  # None where it was closed before the start
            sys.stdout.flush()  # what cannot be written is found out here, not on the way out
        return status
    except KeyboardInterrupt:
        return 0
    except SorterError as fault:
        _say(str(fault))
        return fault.exit_status
    except BrokenPipeError:
        _write_no_more()
        return 1
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        _write_no_more()
        _say(f"{error.filename or 'what is written'}: {error.strerror}; make room there")
        return UsageFault.exit_status


def _write_no_more() -> None:
    """What waits in standard output's buffer has nowhere to go."""
    if sys.stdout:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _dispatch(arguments: list[str]) -> int:
    name, *rest = arguments or [""]
    if name in ("--help", "-h", "help"):
        print(_overview())
        return 0
    if name == "--version":
        print(f"sorter {_version()}")
        return 0
    targets = registered(GROUP)
    if name not in KNOWN and name not in targets:
        raise UsageFault(_no_such(name, [*KNOWN, *targets]))
    try:
        return _call(name, _load(name, targets), rest)
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in PARTS or missing in sys.modules:
            raise
        raise UsageFault(_not_installed(name, missing)) from None


def _no_such(name: str, names: list[str]) -> str:
    if not name:
        return "which command? sorter --help lists them"
    near = difflib.get_close_matches(name, names, n=1)
    return f"{name}: no such command{f'; did you mean {near[0]}?' if near else ''}; sorter --help lists them"


def _not_installed(name: str, missing: str) -> str:
    make = PARTS[missing]
    venv = ".venv-training" if make == "make training" else ".venv"
    return f"{name}: needs {missing}, which is not installed here: run `{make}` in a checkout, then {venv}/bin/sorter"


def _load(name: str, targets: dict[str, str]) -> Command:
    if name not in targets:
        raise UsageFault(_not_installed(name, NEEDS[name][0]))
    module, _, function = targets[name].partition(":")
    command: Command = getattr(importlib.import_module(module), function)
    return command


def _call(name: str, command: Command, arguments: list[str]) -> int:
    import typer

    app = typer.Typer(add_completion=False)
    app.command(name)(command)
    try:
        status = typer.main.get_command(app).main(arguments, f"sorter {name}", standalone_mode=False)
    except typer.TyperException as error:
        raise UsageFault(f"{error.format_message().rstrip('.')}; sorter {name} --help tells more") from None
    return 0 if status in (None, CTRL_C) else int(status)


def _overview() -> str:
    lines = ["usage: sorter COMMAND [OPTIONS]", ""]
    for name, purpose in KNOWN.items():
        absent = next((part for part in NEEDS.get(name, ()) if importlib.util.find_spec(part) is None), None)
        lines.append(f"  {name:<9} {purpose}" + (f" (not installed: {PARTS[absent]})" if absent else ""))
    lines += [f"  {name:<9} from {GROUP}" for name in registered(GROUP) if name not in KNOWN]
    return "\n".join([*lines, "", "sorter COMMAND --help tells more."])


def _version() -> str:
    try:
        return version("sorter")
    except PackageNotFoundError:
        return "0 (a checkout that is not installed)"


def _say(text: str) -> None:
    for line in text.splitlines():
        print(f"sorter: {line}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
