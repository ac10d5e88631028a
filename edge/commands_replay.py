"""`sorter replay`: arguments in, exit status out; `edge.replay` does it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from edge.bundle import Bundle
    from edge.datapath import Adopted
    from edge.ports import Grader
    from edge.replay import Difference, Found
    from edge.trace.header import Header


def replay(
    run: Annotated[
        Path, typer.Argument(metavar="RUN", help="A recorded run, or a folder of them.", show_default=False)
    ],
    bundle: Annotated[
        list[Path] | None,
        typer.Option(metavar="DIR", help="Where a bundle of its is now, repeatable; another: compare what it decides."),
    ] = None,
    json_file: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write what was found.")] = None,
) -> int:
    """Repeat a recorded run and compare every decision and pulse, bit for bit."""
    import json

    from edge.errors import UsageFault

    found = [_replay(each, bundle or []) for each in _runs(run)]
    if json_file is not None:
        try:
            json_file.write_text(json.dumps({"runs": found}, indent=2) + "\n", encoding="utf-8")
        except OSError as error:
            raise UsageFault(f"{json_file}: cannot be written: {error.strerror}") from None
    return int(any(not each["identical"] for each in found))


def _runs(folder: Path) -> list[Path]:
    from edge.errors import UsageFault
    from edge.trace.store import RUN

    if (folder / RUN).is_file():
        return [folder]
    runs = sorted(path.parent for path in folder.glob(f"*/{RUN}"))
    if not runs:
        raise UsageFault(f"{folder}: no recorded run here; give a folder that [recorder] or sorter sim --record wrote")
    return runs


def _replay(run: Path, others: list[Path]) -> dict[str, Any]:
    from edge.bundle import load_bundle
    from edge.grade.litert import LiteRTGrader
    from edge.replay import Replay
    from edge.trace.header import load_header, versions

    header, given = load_header(run), [load_bundle(other.expanduser()) for other in others]
    bundle = _bundle(header, given)

    def find(adopted: Adopted) -> tuple[Grader, Bundle]:
        further = _placed(adopted.bundle, Path(adopted.folder), given)
        return LiteRTGrader(further), further

    found = Replay(run, header, LiteRTGrader(bundle), bundle, find).run()
    here = versions()
    for line in (*_told(found, header, bundle, here), ""):
        print(line)
    first = found.first
    return {
        "run": str(run),
        "run_id": header.run_id,
        "identical": not found.differences,
        "steps": found.steps,
        "frames": found.frames,
        "compared": found.compared,
        "differences": found.differences,
        "first": first and {name: getattr(first, name) for name in first.__slots__},
        "notes": found.notes,
        "bundle": {"recorded": header.bundle, "replayed": bundle.identity},
        "versions": {"recorded": header.versions, "replayed": here},
    }


def _bundle(header: Header, given: list[Bundle]) -> Bundle:
    """The one that the run began with, from where it lay, or the one that is asked for."""
    if given and header.bundle not in [bundle.identity for bundle in given]:
        return given[0]
    return _placed(header.bundle, Path(header.bundle_folder), given)


def _placed(identity: str, folder: Path, given: list[Bundle]) -> Bundle:
    """A bundle of the run: among those that were given, or where it lay."""
    from edge.bundle import load_bundle
    from edge.errors import UsageFault

    for bundle in given:
        if bundle.identity == identity:
            return bundle
    try:
        bundle = load_bundle(folder)
    except UsageFault:
        raise UsageFault(f"{folder}: the run's bundle {identity} is not here: give its folder with --bundle") from None
    if bundle.identity != identity:
        raise UsageFault(f"{folder}: holds {bundle.identity}, the run was graded by {identity}: give it with --bundle")
    return bundle


def _told(found: Found, header: Header, bundle: Bundle, here: dict[str, str]) -> list[str]:
    counts = ", ".join(f"{n} {_PLURALS[kind]}" for kind, n in found.compared.items())
    lines = [f"{found.run}", f"  {found.steps} steps, {found.frames} frames: {counts}"]
    changed = [
        f"{n} {header.versions.get(n, 'none')}, here {v}" for n, v in here.items() if header.versions.get(n) != v
    ]
    if changed:
        lines.append(f"  recorded on {'; '.join(changed)}")
    if bundle.identity != header.bundle:
        lines.append(
            f"  recorded with {header.bundle}, here {bundle.identity}: labels, outlets, reasons, pulses compared"
        )
    lines += [f"  {note}" for note in found.notes]
    if found.first is None:
        return [*lines, "  identical"]
    return [*lines, f"  {found.differences} differ; the first:", *_shown(found.first)]


_PLURALS = {"look": "looks", "track": "tracks", "verdict": "verdicts", "gatepulse": "pulses", "incident": "incidents"}


def _shown(first: Difference) -> list[str]:
    """The first difference: where it is, then what differs in it, a line each."""
    before, after = first.recorded, first.replayed
    some = before or after or {}
    frame = "" if first.frame is None else f", frame {first.frame}"
    whose = some.get("track_id") or some["code"]
    head = f"  {some['kind']} of {whose} at {first.at_ns / 1e9:.6f} s{frame}, step {first.step}:"
    if before is None or after is None:
        return [head, f"    {'only replayed' if before is None else 'only recorded'}: {some}"]
    names = [n for n in before | after if before.get(n) != after.get(n)]
    return [head, *(f"    {n}: recorded {before.get(n)!r}, replayed {after.get(n)!r}" for n in names)]
