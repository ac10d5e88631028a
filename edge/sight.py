"""What the line knows of its own eyes: whether frames come and may be placed, and whether there is light to see by."""

from collections.abc import Iterable

from edge.belt import BeltEstimate
from edge.capture.freshness import Freshness
from edge.capture.losses import Losses
from edge.capture.silence import Silence, limit_ns
from edge.config import Camera
from edge.datapath import Detection, Frame, Look, Scene
from edge.detect.dirt import Dirt
from edge.detect.light import Light
from edge.incidents import Told
from edge.ports import Detector

Seen = tuple[Frame | None, tuple[Detection, ...], Scene | None]
"""The step's frame if it may be placed, the fruit in it, and how it shows the belt."""


class Sight:
    """One run's. In each step `search`, then `see`; `look` where looks were made."""

    PARTS = (Freshness, Silence, Losses, Light, Dirt)
    """The classes that its memory is made of."""

    def __init__(self, camera: Camera) -> None:
        self._freshness = Freshness()
        self._silence = Silence(camera)
        self._losses = Losses(int(limit_ns(camera) * camera.frames_hz / 1e9))
        self._light = Light(camera.belt_level)
        self._dirt = Dirt()
        self._level = 0.0

    @property
    def belt_level(self) -> float | None:
        """How bright the empty belt should be, in grey levels; None where that is not known yet, or not measured."""
        return self._light.reference

    @property
    def dark(self) -> bool:
        """Whether nothing can be seen in the last frame: what is found in it is no fruit."""
        return self._light.dark

    def search(self, frame: Frame | None, now_ns: int, detector: Detector, belt: BeltEstimate) -> Seen:
        """Find the fruit and the belt in the frame that a step has taken, if it may be placed."""
        if frame is None or not self._freshness.accepts(frame, now_ns):
            return None, (), None
        detections = tuple(detector.detect(frame))
        return frame, detections, detector.scene(belt.um_at(frame.exposed_at_ns))

    def see(self, frame: Frame | None, scene: Scene | None, now_ns: int) -> list[Told]:
        """The step's frame, if it has one that was accepted, and its scene; what the operator is told."""
        told = [*self._freshness.news(now_ns), *self._silence.news(now_ns, frame is not None)]
        if frame is not None:
            told += self._losses.news(frame)
        if scene is not None:
            self._level = scene.level
            told += self._light.look(scene.level)
            if scene.spots is not None:
                told += self._dirt.spots(scene.spots)
        return told

    def look(self, looks: Iterable[Look]) -> list[Told]:
        """Fruit were looked at. Where the light is not measured, their sharpness says nothing."""
        level = self._level
        return [told for look in looks for told in self._dirt.look(look.sharpness / level)] if level else []

    def wake_ns(self, now_ns: int) -> int:
        """When it must be asked again at the latest, should no frame come."""
        return self._silence.wake_ns(now_ns)
