"""A channel with a fleet, without machines: what they would tell is made up."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from edge.bundle import load_bundle
from edge.release import Channel, Wave, wanted
from tests.edge.bundles import write_bundle
from training.publish.clearance import Cleared
from training.publish.keys import Keyring
from training.publish.releases import point_channel, release_bundle
from training.publish.repository import Repository
from training.publish.rolling import Rolling
from training.publish.rollout import Record, Said

FLEET = tuple(f"packing/line-{n:03}" for n in range(60))
FIRST = FLEET[17]
WAVES = (Wave(machines=(FIRST,)), Wave(machines=(FIRST,), share=0.2), Wave(machines=(FIRST,), share=1))


class Desk:
    """Whoever leads a rollout: two released bundles, of which the channel names `old`."""

    def __init__(self, folder: Path) -> None:
        self.now = datetime(2026, 6, 1, tzinfo=UTC)
        self.folder, self.keys = folder / "releases", Keyring([folder / "keys"])
        made = Repository.create(self.folder, self.keys, lambda: self.now)
        old, new = (load_bundle(write_bundle(folder / name, name=name)) for name in ("old", "new"))
        for bundle in (old, new):
            release_bundle(made, bundle, ["line"], "0.1", Cleared())
        point_channel(made, "stable", old.identity)
        made.commit()
        self.old, self.new = old.identity, new.identity
        self.rolling = Rolling(self.open, "stable")

    def open(self) -> Repository:
        return Repository(self.folder, self.keys, lambda: self.now)

    def start(self, **more) -> Record:
        rules = {"success": 0.8, "errors": 0.1, "hold_minutes": 10, "patience_minutes": 600} | more
        return self.rolling.start(self.new, FLEET, WAVES, **rules)

    @property
    def word(self) -> Channel:
        return self.rolling.read()[1]

    def later(self, minutes: float = 11) -> None:
        self.now += timedelta(minutes=minutes)

    def takers(self) -> list[str]:
        """The machines that the signed word gives the new bundle."""
        return [machine for machine in FLEET if wanted(self.word, machine).bundle == self.new]

    def runs(self, **more) -> Said:
        """What a machine tells that runs the new bundle by the word of now."""
        said = {"state": "idle", "active": self.new, "wanted": self.new, "word": self.word.counter, "channel": "stable"}
        return Said(**said | more)

    def refuses(self, **more) -> Said:
        return self.runs(active=self.old, refused=self.new, why="quality", **more)
