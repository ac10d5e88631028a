"""Stock picamera2 over libcamera's virtual camera: found first on the path, it loads the real one and fits it.

What the virtual camera lacks, and is made good here, is all that is not stock: it has no raw role and no pace (each
picture comes once, when it is due, and is stamped with that instant). Each beginning of the film, and each place where
it was held up, is told in the service's runtime folder. While `/run/bench/unplugged` is there, no picture comes and no
camera is found.
"""

import importlib
import os
import sys
import time
from pathlib import Path

HERE = str(Path(__file__).parent)
UNPLUGGED = Path("/run/bench/unplugged")
FILM = Path(os.environ.get("RUNTIME_DIRECTORY", "/tmp")) / "film"

sys.path.remove(HERE)
sys.path.append(HERE)
del sys.modules["picamera2"]
real = importlib.import_module("picamera2")

import libcamera
from picamera2 import picamera2 as inner
from picamera2.allocators.libcameraallocator import LibcameraAllocator

SHOWN = 4
"""libcamera 0.4's virtual camera shows each picture so often."""

PERIOD_NS = 1_000_000_000 // int(os.environ.get("BENCH_FRAMES_HZ", "15"))
HELD_UP_NS = 1_000_000_000


class Request(inner.CompletedRequest):
    """One picture of the film, stamped with the instant at which it was due."""

    def __init__(self, request, camera):
        self.stamp_ns = camera.next_stamp_ns()
        super().__init__(request, camera)

    def get_metadata(self):
        return {**super().get_metadata(), "SensorTimestamp": self.stamp_ns}


class Paced(inner.CameraManager):
    """Hands over one picture at a time, when it is due."""

    def handle_request(self, flushid=None):
        for request in self.cms.get_ready_requests():
            camera = self.cameras.get(request.cookie)
            if camera is None or request.status != libcamera.Request.Status.Complete or request.cookie == flushid:
                continue
            if request.sequence % SHOWN:
                inner.CompletedRequest(request, camera).release()
                continue
            while UNPLUGGED.exists() and self.running:
                time.sleep(0.02)  # no step: this is the world
            time.sleep(max(0, camera.due_ns - time.clock_gettime_ns(time.CLOCK_BOOTTIME)) / 1e9)
            if not self.running:
                return
            with self._lock, camera._requestslock:
                camera._requests += [Request(request, camera)]
            os.write(camera.notifyme_w, b"\x00")


class Picamera2(real.Picamera2):
    _cm = Paced()

    def __init__(self):
        if UNPLUGGED.exists():
            raise IndexError("list index out of range")
        allocator = LibcameraAllocator(None)
        self.due_ns, self.shown = 0, 0
        super().__init__(allocator=allocator)
        allocator.camera = self.camera

    def next_stamp_ns(self):
        now_ns = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        stamp_ns = self.due_ns
        if now_ns - stamp_ns > HELD_UP_NS:
            stamp_ns = now_ns
            with FILM.open("a", encoding="ascii") as told:
                told.write(f"{stamp_ns} {self.shown}\n")
        self.due_ns = stamp_ns + PERIOD_NS
        self.shown += 1
        return stamp_ns

    def start(self):
        self.due_ns = self.shown = 0
        super().start()

    def _get_raw_modes(self):
        config = self.camera.generate_configuration([libcamera.StreamRole.VideoRecording]).at(0)
        sizes = config.formats.sizes(config.pixel_format)
        return [{"format": "NV12", "size": (size.width, size.height)} for size in sizes]


real.Picamera2 = Picamera2
