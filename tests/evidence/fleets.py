"""A fleet on one computer: the update process's own code a machine, over a web server, and a plant's mosquitto.

Real are: fetching, verifying, staging, journal and slots of each machine, the web server, the broker with a login a
machine, the message that a machine sends, `sorter rollout` as a process. In place of a line and its fruit stands
`Tried`: a machine has passed its probation once it has started on the bundle. The self-test runs for real, in a process
of its own, once a bundle: 200 machines with the same bundle would measure one computer 200 times.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from typing import BinaryIO, Literal

from edge.telemetry.messages import Writer
from edge.telemetry.updates import UpdateTeller
from edge.update.journal import Journal
from edge.update.refusal import Refused
from edge.update.store import Store
from tests.edge.update.machines import Machine, Office, Tried
from tests.evidence.trial import ROOT, surroundings
from tests.plant.mosquitto import Member, PlantBroker

SITE = "packing"
HOUR_NS = 3_600_000_000_000
WORKERS = 8
Kind = Literal["well", "off", "self-test", "quality"]


class Served:
    """A folder on a web server of this computer; `bytes` counts what went out."""

    def __init__(self, folder: Path) -> None:
        served, lock = self, threading.Lock()
        self.bytes = self.requests = 0

        class Handler(SimpleHTTPRequestHandler):
            def copyfile(self, source: BinaryIO, outputfile: BinaryIO) -> None:
                data = source.read()
                outputfile.write(data)
                with lock:
                    served.bytes += len(data)
                    served.requests += 1

            def log_message(self, *_: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class TestedOnce:
    """Answers `steps.SelfTest` for many machines: the real one, once a bundle."""

    def __init__(self, profile: Path) -> None:
        self._profile = profile
        self._lock = threading.Lock()
        self.said: dict[str, str] = {}

    def run(self, store: Store, journal: Journal, now_ns: int) -> str | None:
        with self._lock:
            if journal.bundle not in self.said:
                words = ["-m", "edge.grade.selftest", str(store.path(journal.slot)), str(self._profile)]
                done = subprocess.run(
                    [sys.executable, *words], capture_output=True, text=True, check=False, env=surroundings()
                )
                self.said[journal.bundle] = (done.stdout + done.stderr).strip() or ("failed" if done.returncode else "")
            return self.said[journal.bundle]


class Refusing:
    """Answers `steps.SelfTest` and `steps.Trial`: one bundle is not good on this machine, at one of the two."""

    def __init__(self, kind: Kind, bundle: str, tested: TestedOnce) -> None:
        self._kind, self._bundle, self._tested = kind, bundle, tested

    def run(self, store: Store, journal: Journal, now_ns: int) -> str | None:
        if self._kind == "self-test" and journal.bundle == self._bundle:
            return "other outputs than the golden ones"
        return self._tested.run(store, journal, now_ns)

    def judge(self, store: Store, journal: Journal, now_ns: int) -> float:
        if self._kind == "quality" and journal.bundle == self._bundle:
            raise Refused("quality", "it rejects far more than the bundle before")
        return Tried().judge(store, journal, now_ns)


class Updating:
    """One machine: an hour is one call, after which it has told where it stands, by its own login."""

    def __init__(self, machine: Machine, number: int, kind: Kind) -> None:
        self.name, self.kind, self._machine = f"{SITE}/line-{number}", kind, machine
        machine.name = self.name
        self._agent = machine.agent()
        writer = Writer(SITE, f"line-{number}", f"run-{number}", lambda: f"{machine.now:%Y-%m-%dT%H:%M:%S.000Z}")
        self._teller = UpdateTeller(writer, machine.folder)
        self._member: Member | None = None
        machine.start_line()

    @property
    def runs(self) -> str:
        return self._agent.told.active

    def hour(self, broker: PlantBroker) -> bool:
        """Look for releases, take what is there, tell of it; whether a bundle was fetched."""
        machine, word = self._machine, self._agent.journal.word
        machine.now_ns += HOUR_NS
        machine.run(self._agent, 200)
        machine.start_line()
        if message := self._teller.step(machine.now_ns):
            self._member = self._member or Member(broker, self.name.partition("/")[2])
            self._member.publish(message.topic, message.payload, retain=message.retain)
        return self._agent.journal.word != word

    def leave(self) -> None:
        if self._member:
            self._member.close()
            self._member = None


class Fleet:
    """`kinds`: a machine each; some of them refuse `bundle`. `hour` lets all that are on work for one."""

    def __init__(
        self, folder: Path, office: Office, served: Served, broker: PlantBroker, kinds: Iterable[Kind], bundle: str
    ) -> None:
        (folder / "machines").mkdir()
        tested, self.broker = TestedOnce(ROOT / "firmware_config/profiles/demo.toml"), broker
        self.machines: list[Updating] = []
        for number, kind in enumerate(kinds):
            machine = Machine(folder / "machines" / str(number), office)
            machine.source = served.url
            machine.self_test = machine.trial = Refusing(kind, bundle, tested)
            self.machines.append(Updating(machine, number, kind))

    @property
    def names(self) -> list[str]:
        return [machine.name for machine in self.machines]

    def of(self, *kinds: Kind) -> list[Updating]:
        return [machine for machine in self.machines if machine.kind in kinds]

    @property
    def on(self) -> int:
        """How many machines are not off."""
        return len(self.machines) - len(self.of("off"))

    def hour(self, back: bool = False) -> set[str]:
        """Those that have tried another bundle in it. `back`: those that were off are on again."""
        on = self.machines if back else self.of("well", "self-test", "quality")
        with ThreadPoolExecutor(WORKERS) as pool:
            tried = list(pool.map(lambda machine: machine.hour(self.broker), on))
        return {machine.name for machine, did in zip(on, tried, strict=True) if did}

    def close(self) -> None:
        for machine in self.machines:
            machine.leave()


def kinds_of(many: int, off: int, failing: int, seed: int) -> list[Kind]:
    """So many are off and so many refuse, half of these in the self-test, half on the belt; which, the seed says."""
    made: list[Kind] = ["off"] * off
    made += ["self-test" if n % 2 else "quality" for n in range(failing)]
    made += ["well"] * (many - len(made))
    Random(seed).shuffle(made)
    return made


def expected(success: float, errors: float, held: list[list[str]], kinds: Mapping[str, Kind]) -> str:
    """By the rules alone, from what each machine is: `done`, or `stopped` or `paused` and in which wave."""
    for number, wave in enumerate(held, 1):
        failing = sum(kinds[name] in ("self-test", "quality") for name in wave)
        well = sum(kinds[name] == "well" for name in wave)
        if failing > errors * len(wave):
            return f"stopped in wave {number}"
        if well < success * len(wave):
            return f"paused in wave {number}"
    return "done"
