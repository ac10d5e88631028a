"""A rollout over a fleet, in three waves, with machines that are off and machines that refuse; killed on its way."""

from __future__ import annotations

import shutil
import subprocess
from collections import Counter
from datetime import UTC, datetime
from itertools import count, pairwise
from pathlib import Path
from typing import Any

from edge.bundle import FACTORY, MANIFEST, load_bundle
from edge.clock import now_ns, sleep_until
from edge.release import Rollout, holds
from plant.office import Office as PlantOffice
from tests.edge.update.machines import Office
from tests.evidence.fleets import SITE, Fleet, Kind, Served, expected, kinds_of
from tests.evidence.trial import Finding, Trial, at_most, is_so, sorter, surroundings
from tests.plant.mosquitto import PlantBroker, set_up
from training.publish.clearance import Cleared
from training.publish.keys import Keyring
from training.publish.releases import release_bundle
from training.publish.repository import Repository
from training.publish.rolling import Rolling
from training.publish.rollout import Record

MACHINES, LEAST = 200, 20
OFF, FAILING, MANY_FAILING = 0.1, 0.05, 0.4
SUCCESS, ERRORS = 0.8, 0.1
SHARES = (0.1, 1.0)
PATIENCE_NS = 600_000_000_000
MOST_METADATA = 20_000
FIRST = f"{SITE}/line-0"
KINDS: tuple[Kind, ...] = ("well", "off", "self-test", "quality")
REFUSE: tuple[Kind, ...] = ("self-test", "quality")
RULES = [f"--success={SUCCESS}", f"--errors={ERRORS}", *(f"--share={share}" for share in SHARES), "--hold-minutes=0"]


class Lead:
    """Whoever leads a rollout: the command as a process, which may be killed."""

    def __init__(self, office: Office, broker: PlantBroker) -> None:
        home = broker.folder / "users/wall"
        self._office = office
        self._asked = ["--broker", f"mqtts://localhost:{broker.ports['password']}", "--username", "wall"]
        self._asked += ["--password-file", str(home / "password"), "--ca-file", str(home / "ca.crt")]
        self._asked += ["--keys", str(office.keys), "--every-s", "0.5"]
        self._process: subprocess.Popen[str] | None = None
        self.kills = 0

    @property
    def record(self) -> Record | None:
        return Rolling(lambda: Repository(self._office.folder, Keyring([])), "stable").read()[0]

    def go(self, *words: str) -> None:
        command = [*sorter(), "rollout", words[0], str(self._office.folder), *words[1:], *self._asked]
        self._process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=surroundings()
        )

    def kill(self) -> None:
        assert self._process is not None
        self.kills += self._process.poll() is None
        self._process.kill()
        self._process.communicate()

    def end(self) -> int:
        assert self._process is not None
        _, said = self._process.communicate(timeout=60)
        assert self._process.returncode in (0, 1), said
        return self._process.returncode


def rollouts(trial: Trial) -> Finding:
    """200 machines, of which a tenth is off: a bundle that one in twenty refuses goes through three waves, with the
    command killed in each; one that many refuse is taken back. About 5 minutes."""
    many = trial.count(MACHINES, LEAST)
    good = _one(trial.folder / "good", many, FAILING, "done")
    bad = _one(trial.folder / "bad", many, MANY_FAILING, "stopped in wave 2")
    targets = [
        is_so("the good one ends as the rules say: done", good["ended"] == good["expected"] == "done"),
        is_so("killed in each of its three waves, it went on", len(good["wave_s"]) == good["kills"] == 3),
        is_so("all that are well run it at its end", good["on_new"]["well"] == good["kinds"]["well"]),
        is_so("those that were off take it when they are on again", good["back_on_new"] == good["kinds"]["off"]),
        is_so("none that refused it runs it", not any(good["on_new"][kind] for kind in REFUSE)),
        is_so("the bad one ends as the rules say: taken back", bad["ended"] == bad["expected"] == "stopped in wave 2"),
        is_so("some machines had run it by then", bad["took"] > 0),
        is_so("after that none does", not sum(bad["on_new"].values())),
        at_most("bytes beside the bundle, a machine and look", good["metadata_bytes_a_look"], MOST_METADATA),
    ]
    return Finding({"machines": many, "good": good, "bad": bad}, targets, good["seed"])


def _one(folder: Path, many: int, failing: float, wanted: str) -> dict[str, Any]:
    folder.mkdir()
    office = Office(folder, datetime.now(UTC).replace(microsecond=0))
    old, new = (_bundle(folder / name, name) for name in ("old", "new"))
    repository = office.repository()
    release_bundle(repository, load_bundle(new), ["line"], "0.1", Cleared())
    repository.commit()
    office.publish(old)
    identity = load_bundle(new).identity
    held = _waves(identity, many)
    seed, kinds = _cast(held, many, failing, wanted)
    served, broker = Served(office.folder), _plant(folder / "plant", many)
    fleet = Fleet(folder, office, served, broker, kinds, identity)
    try:
        fleet.hour(back=True)
        found = _rolled_out(fleet, Lead(office, broker), served, identity)
    finally:
        fleet.close()
        broker.stop()
        served.close()
    size = sum(path.stat().st_size for path in new.iterdir())
    beside = found["bytes"] - size * found["took"]
    return found | {
        "seed": seed,
        "expected": expected(SUCCESS, ERRORS, held, dict(zip(fleet.names, kinds, strict=True))),
        "kinds": dict(Counter(kinds)),
        "wave_machines": [len(wave) for wave in held],
        "bundle_bytes": size,
        "metadata_bytes_a_look": round(beside / found["looks"]),
    }


def _rolled_out(fleet: Fleet, lead: Lead, served: Served, bundle: str) -> dict[str, Any]:
    """Start it, let hours pass until it is over, kill the command once in every wave."""
    began_ns, before, looks = now_ns(), served.bytes, 0
    register = fleet.broker.folder / "plant.json"
    lead.go("start", "--bundle", bundle, "--fleet", str(register), "--first", FIRST, *RULES)
    killed: set[int] = set()
    opened: dict[int, int] = {}
    took: set[str] = set()
    while (record := lead.record) is None or record.phase == "running":
        if record is None:
            sleep_until(now_ns() + 50_000_000)
            continue
        opened.setdefault(record.wave, now_ns())
        if record.wave not in killed:
            killed.add(record.wave)
            lead.kill()
            lead.go("resume")
        took |= fleet.hour()
        looks += fleet.on
        assert now_ns() - began_ns < PATIENCE_NS, record
    ended_ns = now_ns()
    status = lead.end()
    found = {"ended": record.phase if record.phase == "done" else f"{record.phase} in wave {record.wave + 1}"}
    for _ in range(2):  # whoever runs it goes back, if it was taken back
        took |= fleet.hour()
        looks += fleet.on
    on_new = {kind: sum(machine.runs == bundle for machine in fleet.of(kind)) for kind in KINDS}
    fetched = served.bytes - before
    fleet.hour(back=True)
    instants = [*opened.values(), ended_ns]
    return found | {
        "status": status,
        "kills": lead.kills,
        "wall_s": round((ended_ns - began_ns) / 1e9, 1),
        "wave_s": [round((after - at) / 1e9, 1) for at, after in pairwise(instants)],
        "bytes": fetched,
        "looks": looks,
        "took": len(took),
        "on_new": on_new,
        "back_on_new": sum(machine.runs == bundle for machine in fleet.of("off")),
    }


def _waves(bundle: str, many: int) -> list[list[str]]:
    """The machines of each wave, as the signed word of the rollout will have it."""
    names = [f"{SITE}/line-{number}" for number in range(many)]
    shares = (0.0, *SHARES)
    words = [Rollout(bundle=bundle, since=2, machines=(FIRST,), share=share) for share in shares]
    return [[name for name in names if holds(word, word, name)] for word in words]


def _cast(held: list[list[str]], many: int, failing: float, wanted: str) -> tuple[int, list[Kind]]:
    """The first seed of which the rules make what is to be shown."""
    for seed in count():
        kinds = kinds_of(many, round(OFF * many), round(failing * many), seed)
        names = {f"{SITE}/line-{number}": kind for number, kind in enumerate(kinds)}
        if expected(SUCCESS, ERRORS, held, names) == wanted:
            return seed, kinds
    raise AssertionError


def _bundle(folder: Path, name: str) -> Path:
    """The factory's bundle under another name."""
    shutil.copytree(FACTORY, folder)
    manifest = load_bundle(FACTORY).manifest.model_copy(update={"name": name})
    (folder / MANIFEST).write_text(manifest.model_dump_json(indent=1))
    return folder


def _plant(folder: Path, many: int) -> PlantBroker:
    office = PlantOffice(folder)
    office.init(SITE, ["localhost", "127.0.0.1"])
    for number in range(many):
        office.device(f"line-{number}")
    office.user("wall", "dashboard")
    broker = set_up(folder)
    broker.start()
    return broker
