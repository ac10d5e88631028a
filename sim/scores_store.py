"""Where a table is found: with the simulator for the factory bundle and the built-in fruit, else in the user's cache;
where there is none, or a broken one, it is made and kept. `python -m sim.scores_store` makes the one that ships."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

from edge.bundle import FACTORY, REFERENCE, WEIGHTS, Bundle, load_bundle
from edge.log import Log
from edge.trace.store import write_whole
from sim.atlas.files import FOLDER as ATLAS
from sim.atlas.files import read_index
from sim.choice import BUILTIN
from sim.fruit import by_label, load_builtin
from sim.scores_recording import Progress, record
from sim.scores_table import FORMAT, Skins, Table, in_order, load

SHIPPED = Path(__file__).with_name("recorded")

_LOG = Log("scores")


def obtain(bundle: Bundle, skins: Skins, fruit_images: str, told: Progress | None = None) -> Table:
    """The table of a bundle and its fruit. To make it takes half a minute; `told` hears how far that is.

    A cache that cannot be written is named in a warning: the table is made at every start then.
    """
    name = table_name(bundle, skins, fruit_images)
    views = sum(skin.views for skin in in_order(skins))
    for folder in (SHIPPED, cache()):
        try:
            return load((folder / name).read_bytes(), views)
        except FileNotFoundError:
            continue
        except (OSError, ValueError) as error:
            _LOG.warning(f"{folder / name}: {error}; it is made again")
    table = record(bundle, skins, told)
    try:
        cache().mkdir(parents=True, exist_ok=True)
        write_whole(cache() / name, [table.dump()])
    except OSError as error:
        _LOG.warning(f"{cache() / name}: cannot be kept: {error.strerror}; it is made again at every start")
    return table


def cache() -> Path:
    """The folder of the user's tables."""
    named = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(named) if Path(named).is_absolute() else Path.home() / ".cache") / "sorter" / "scores"


def table_name(bundle: Bundle, skins: Skins, fruit_images: str = BUILTIN) -> str:
    """The file of a bundle and its fruit. Other weights or other fruit, another name."""
    fruit = _builtin(skins) if fruit_images == BUILTIN else _pictures(skins)
    # Not the manifest's digest: other thresholds leave the network's outputs as they are.
    manifest = bundle.manifest
    strangeness = f"{manifest.unknown} {manifest.files.get(REFERENCE)}"
    network = f"{manifest.files[WEIGHTS]} {manifest.preprocessing.model_dump_json()} {strangeness}"
    return f"{bundle.manifest.name}-{_digest(network.encode())}-{fruit}-{FORMAT}.npz"


def _builtin(skins: Skins) -> str:
    """The atlas's files stand for its pictures."""
    index, fed = read_index(), {skin.skin_id for skin in in_order(skins)}
    lines = [line for part in index["parts"].values() for line in part if line["id"] in fed]
    files = b"".join((ATLAS / line["file"]).read_bytes() for line in lines)
    return _digest(json.dumps([index["shown_from"], lines]).encode() + files)


def _pictures(skins: Skins) -> str:
    whole = hashlib.sha256()
    for skin in in_order(skins):
        whole.update(f"{skin.skin_id} {skin.label} {skin.views} ".encode())
        for n in range(skin.views):
            whole.update(skin.view(n).tobytes())
    return whole.hexdigest()[:12]


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:12]


def main() -> None:
    """Make the table that ships, in place of whatever did."""
    bundle, skins = load_bundle(FACTORY), by_label(load_builtin("held"))
    SHIPPED.mkdir(exist_ok=True)
    for old in SHIPPED.glob("*.npz"):
        old.unlink()
    write_whole(SHIPPED / table_name(bundle, skins), [record(bundle, skins).dump()])


if __name__ == "__main__":
    main()
