"""A picamera2 for machines without one, with the real one's traps (0.3.38): formats are adjusted without a word, or
are not what was said, colours are named backwards, a control that the camera lacks is an error, rows are padded, a
capture can return a frame that waited or one from before it, frames vanish, a buffer that is kept is gone, and nothing
stops while a job waits.

Its sensor runs on the machine's clock. Use: `monkeypatch.setitem(sys.modules, "picamera2", fake_module(sensor))`.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import cv2
import numpy as np

from edge import clock

READOUT_NS = 2_000_000
ALL_CONTROLS = ("AeEnable", "AwbEnable", "ExposureTime", "AnalogueGain", "ColourGains", "FrameDurationLimits")


@dataclass
class Sensor:
    """What the world in front of the fake does. `skip` names frames that vanish, `hold_ns` ages every frame; a request
    is a frame of `waits` periods ago; `gives` is the format in memory, whatever was said."""

    period_ns: int = 4_000_000
    exposure_us: int = 500
    skip: frozenset[int] = frozenset()
    hold_ns: int = 0
    is_dead: bool = False
    is_absent: bool = False
    is_taken: bool = False
    formats: tuple[str, ...] = ("BGR888", "RGB888")
    gives: str = ""
    waits: int = 0
    has_lores: bool = True
    lores_format: str = "YUV420"
    controls: tuple[str, ...] = ALL_CONTROLS
    opened: int = 0
    stamps: list[int] = field(default_factory=list)
    camera: "Picamera2 | None" = None


class Request:
    def __init__(self, camera: "Picamera2", number: int, stamp_ns: int) -> None:
        self._camera = camera
        self._number = number
        self._stamp_ns = stamp_ns

    def get_metadata(self) -> dict[str, Any]:
        return {"SensorTimestamp": self._stamp_ns, "ExposureTime": self._camera.sensor.exposure_us}

    def make_array(self, name: str) -> np.ndarray:
        """Red, green and blue of the scene are 200, 100 and the frame's number: in memory as the format says."""
        width, height = self._camera.settings[name]["size"]
        kind = self._camera.settings[name]["format"]
        kind = (self._camera.sensor.gives or kind) if name == "main" else kind
        return in_memory(kind, (200, 100, self._number % 256), width, height)

    def release(self) -> None:
        self._camera.held -= 1


def in_memory(kind: str, colours: tuple[int, int, int], width: int, height: int) -> np.ndarray:
    """An even picture as the hardware lays it down."""
    if kind in ("BGR888", "RGB888"):
        padded = np.zeros((height, width + 5, 3), np.uint8)
        padded[:] = colours if kind == "BGR888" else colours[::-1]
        return padded[:, :width]
    planes = cv2.cvtColor(np.full((height, width, 3), colours, np.uint8), cv2.COLOR_RGB2YUV_I420)
    luma, chroma = planes[:height], planes[height:].reshape(height, width // 2)
    if kind == "NV12":
        pairs = np.stack((chroma[: height // 2], chroma[height // 2 :]), axis=-1).reshape(height // 2, width)
        return np.pad(np.vstack((luma, pairs)), ((0, 0), (0, 32)))
    if kind == "YUV420":
        rows = np.pad(chroma, ((0, 0), (0, 16))).reshape(height // 2, width + 32)
        return np.vstack((np.pad(luma, ((0, 0), (0, 32))), rows))
    return np.zeros((height, width, 2), np.uint8)


class Job:
    pass


class Picamera2:
    def __init__(self, sensor: Sensor) -> None:
        if sensor.is_absent:
            raise IndexError("list index out of range")
        self.sensor = sensor
        sensor.opened += 1
        self.camera_controls = dict.fromkeys(sensor.controls, (0, 0, 0))
        self.held = 0
        self.jobs: list[Job] = []
        self.is_open = True
        self.settings: dict[str, Any] = {}
        self._start_ns = 0
        self._given = -1
        sensor.camera = self

    def create_video_configuration(self, main: Any, lores: Any = None, **options: Any) -> dict[str, Any]:
        return {"main": main, "lores": lores, **options}

    def configure(self, camera_config: dict[str, Any]) -> None:
        for name in camera_config["controls"]:
            if name not in self.camera_controls:
                raise RuntimeError(f"Control {name} is not advertised by libcamera")
        main = dict(camera_config["main"])
        lores = camera_config["lores"] and dict(camera_config["lores"])
        if lores and not self.sensor.has_lores:
            raise RuntimeError("Invalid camera configuration")
        if lores:
            lores["format"] = self.sensor.lores_format
        if main["format"] not in self.sensor.formats:
            main["format"] = self.sensor.formats[0]
        self.settings = {**camera_config, "main": main, "lores": lores}

    def camera_configuration(self) -> dict[str, Any]:
        return self.settings

    def start(self) -> None:
        if self.sensor.is_taken:
            raise RuntimeError("Failed to start camera: Device or resource busy")
        self._start_ns = clock.now_ns()

    def capture_request(self, wait: bool) -> Job:
        assert not wait, "waits for ever if the camera is silent"
        self.jobs.append(Job())
        return self.jobs[-1]

    def wait(self, job: Job, timeout: float) -> Request:
        assert self.jobs == [job], "a job that was given up still takes the next frame"
        deadline_ns = clock.now_ns() + int(timeout * 1e9)
        if self.sensor.is_dead or self.held >= self.settings["buffer_count"]:
            clock.sleep_until(deadline_ns)
            raise TimeoutError
        ready = (clock.now_ns() - self._start_ns - READOUT_NS - self.sensor.hold_ns) // self.sensor.period_ns
        number = next(n for n in itertools.count(max(ready, self._given + 1)) if n not in self.sensor.skip)
        stamp_ns = self._start_ns + (number - self.sensor.waits) * self.sensor.period_ns
        here_ns = stamp_ns + self.sensor.waits * self.sensor.period_ns + READOUT_NS + self.sensor.hold_ns
        if here_ns > deadline_ns:
            clock.sleep_until(deadline_ns)
            raise TimeoutError
        clock.sleep_until(here_ns)
        self._given = number
        self.jobs.remove(job)
        self.held += 1
        self.sensor.stamps.append(stamp_ns)
        return Request(self, number, stamp_ns)

    def cancel_all_and_flush(self) -> None:
        self.jobs.clear()

    def stop(self) -> None:
        assert not self.jobs, "would wait behind the job for ever"

    def close(self) -> None:
        self.is_open = False


def fake_module(sensor: Sensor) -> ModuleType:
    module = ModuleType("picamera2")
    make: Callable[[], Picamera2] = lambda: Picamera2(sensor)  # noqa: E731 - as an attribute a function would want a module
    module.Picamera2 = make
    return module
