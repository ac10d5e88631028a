"""A belt film whose truth is known: the simulator's belt camera takes it of built-in fruit that no bundle learned from.

The film begins and ends with an empty belt, so that it can be played in a loop: the loop's length of belt is a whole
number of pictures.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from edge.config import Profile
from edge.datapath import BELT_END
from sim.camera import BeltCamera, CameraTruth, Placed
from sim.fruit import Skin, load_builtin
from sim.wires import Edge, Lost

NS_PER_S = 1_000_000_000

LABELS = ("red", "green", "damaged", "turning")
ACROSS_MM = 58.0
PITCH_MM = 150.0
CLEAR_MM = 120.0
"""Of empty belt, before the picture's edge, on either end of the film."""


@dataclass(frozen=True)
class Fruit:
    """One of the film's. `origin_mm`: the belt's travel at which its middle stands at x = 0."""

    lane: int
    label: str
    origin_mm: float
    skin: Skin

    def placed(self, travel_mm: float, middle_mm: float) -> Placed:
        x_mm = travel_mm - self.origin_mm
        view = math.floor(x_mm / (math.pi * ACROSS_MM) * self.skin.views) % self.skin.views
        return Placed(self.skin, view, x_mm, middle_mm, ACROSS_MM, ACROSS_MM)


def fed(profile: Profile, rows: int) -> list[Fruit]:
    """`rows` fruit a lane, side by side, the grades in turn and another in each lane."""
    skins = load_builtin("held")
    of = {label: [skin for skin in skins if skin.label == label] for label in LABELS}
    return [
        Fruit(lane, label, CLEAR_MM + row * PITCH_MM, of[label][row])
        for row in range(rows)
        for lane in range(len(profile.lanes))
        for label in (LABELS[(row + lane) % len(LABELS)],)
    ]


def length_mm(profile: Profile, fruit: list[Fruit]) -> float:
    step_mm = profile.belt.speed_mm_s / profile.camera.frames_hz
    last_mm = max(one.origin_mm for one in fruit) + profile.camera.view_mm + CLEAR_MM
    return math.ceil(last_mm / step_mm) * step_mm


@dataclass(frozen=True)
class Passage:
    """One fruit of one showing of the film, and where it fell: an outlet, or the belt's end."""

    fruit: Fruit
    at_ns: int
    fell: str


def passages(
    profile: Profile, fruit: list[Fruit], began: tuple[int, int], edges: list[Edge | Lost], until_ns: int
) -> list[Passage]:
    """Where the fruit fell that passed the whole line between the film's beginning and an instant. `began`: the instant
    of one picture, and its number. A gate takes a fruit whose middle reaches it while its line is high."""
    loop_mm, speed = length_mm(profile, fruit), profile.belt.speed_mm_s
    start_ns = began[0] - round(began[1] * NS_PER_S / profile.camera.frames_hz)
    last_mm = max(gate.x_mm for gate in profile.gates.values()) + profile.sort.window_mm
    seen = []
    for showing in range(1000):
        for one in fruit:
            first_ns = start_ns + round((one.origin_mm + showing * loop_mm) / speed * NS_PER_S)
            if first_ns > until_ns:
                return seen
            if first_ns >= began[0] and first_ns + round(last_mm / speed * NS_PER_S) < until_ns:
                seen.append(Passage(one, first_ns, _fell(profile, one, first_ns, edges)))
    return seen


def _fell(profile: Profile, fruit: Fruit, first_ns: int, edges: list[Edge | Lost]) -> str:
    for gate in sorted(profile.gates.values(), key=lambda gate: gate.x_mm):
        at_ns = first_ns + round(gate.x_mm / profile.belt.speed_mm_s * NS_PER_S)
        if gate.lane == fruit.lane and _level(edges, gate.pin, at_ns):
            return gate.outlet
    return BELT_END


def _level(edges: list[Edge | Lost], pin: int, at_ns: int) -> int:
    level = 0
    for edge in edges:
        if edge.at_ns <= at_ns and (isinstance(edge, Lost) or edge.line == pin):
            level = 0 if isinstance(edge, Lost) else edge.level
    return level


def frames(profile: Profile, fruit: list[Fruit], seed: int = 7) -> Iterator[np.ndarray]:
    """RGB pictures, one a frame's time."""
    truth = CameraTruth(profile.camera.mm_per_px, speed_mm_s=profile.belt.speed_mm_s)
    camera = BeltCamera(profile.camera, truth, seed)
    middles_mm = [(lane.from_mm + lane.to_mm) / 2 for lane in profile.lanes]
    step_mm = profile.belt.speed_mm_s / profile.camera.frames_hz
    for n in range(round(length_mm(profile, fruit) / step_mm)):
        travel_mm = n * step_mm
        seen = [one for one in fruit if -ACROSS_MM < travel_mm - one.origin_mm < profile.camera.view_mm + ACROSS_MM]
        yield camera.render([one.placed(travel_mm, middles_mm[one.lane]) for one in seen], travel_mm)


def write(folder: Path, profile: Profile, fruit: list[Fruit]) -> int:
    """The film as JPEGs, for libcamera's virtual camera; how many."""
    folder.mkdir(parents=True, exist_ok=True)
    n = 0
    for n, picture in enumerate(frames(profile, fruit), 1):
        cv2.imwrite(str(folder / f"{n - 1}.jpg"), _narrow(picture), [cv2.IMWRITE_JPEG_QUALITY, 95])
    return n


def patch(folder: Path, at: tuple[int, int]) -> None:
    """Make a place in each picture of a film red."""
    for file in folder.glob("*.jpg"):
        picture = cv2.imread(str(file))
        assert picture is not None, file
        cv2.rectangle(picture, (at[0] - 16, at[1] - 16), (at[0] + 16, at[1] + 16), (40, 40, 220), cv2.FILLED)
        cv2.imwrite(str(file), picture, [cv2.IMWRITE_JPEG_QUALITY, 95])


def _narrow(picture: np.ndarray) -> np.ndarray:
    """BGR of which JPEG makes the luma and chroma that a camera gives for the picture: those of the narrow range."""
    height, width = picture.shape[:2]
    planes = cv2.cvtColor(picture, cv2.COLOR_RGB2YUV_I420)
    blue, red = (cv2.resize(plane.reshape(height // 2, -1), (width, height)) for plane in np.split(planes[height:], 2))
    return cv2.cvtColor(np.dstack([planes[:height], red, blue]), cv2.COLOR_YCrCb2BGR)
