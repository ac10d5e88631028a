"""A machine that goes by the profile that was sent to it, and whoever sends one."""

from pathlib import Path

from edge.config import load_profile
from edge.sent import Choice, choose, digest_of, note_good_end, note_run
from edge.update.disk import Disk
from edge.update.profiles import Profiles
from tests.edge.update.machines import Machine, Office, S
from training.publish.channels import send_profile

DEMO = Path(__file__).parents[3] / "firmware_config/profiles/demo.toml"
SPEED = "speed_mm_s = 600"


class Sorter(Machine):
    """A machine of the demo's profile, which starts by the profile that was sent."""

    def __init__(self, folder: Path, office: Office) -> None:
        super().__init__(folder / "machine", office)
        self.own = folder / "profile.toml"
        source = {'# source = "https://releases.example/sorter"': f'source = "{office.folder.as_uri()}"'}
        place = {'folder = "/var/lib/sorter/update"': f'folder = "{self.folder}"'}
        self.own.write_text(changed(DEMO.read_text(encoding="utf-8"), source | place), encoding="utf-8")
        profile = load_profile(self.own)
        self.name = f"{profile.site}/{profile.machine}"
        self.checked: list[Path] = []
        self.profile, self.wrong = profile, ""
        self.profiles = Profiles(self.folder, profile, self.check, 60 * S)

    def on(self, disk: Disk) -> "Sorter":
        """The same machine, on another disk."""
        self.disk, self.profiles = disk, Profiles(self.folder, self.profile, self.check, 60 * S, disk)
        return self

    def check(self, path: Path) -> str:
        self.checked.append(path)
        return self.wrong

    def start(self, run_id: str, ends_well: bool = False) -> Choice:
        """The machine as it starts."""
        choice = choose(self.folder)
        note_run(self.folder, choice, run_id)
        if ends_well:
            note_good_end(self.folder)
        return choice

    def hour(self, agent) -> None:
        self.now_ns += 3_600 * S
        self.run(agent)


def changed(text: str, changes: dict[str, str]) -> str:
    for found, wanted in changes.items():
        assert found in text, found
        text = text.replace(found, wanted, 1)
    return text


def send(office: Office, sorter: Sorter, machine: str = "", **changes: str) -> str:
    """Publish the machine's own profile with changes; returns its digest."""
    raw = changed(sorter.own.read_text(encoding="utf-8"), changes or {SPEED: "speed_mm_s = 500"}).encode()
    repository = office.repository()
    send_profile(repository, "stable", machine or sorter.name, raw)
    repository.commit()
    return digest_of(raw)
