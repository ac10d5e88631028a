"""Records to entries of a segment and back: one JSON object and one run of bytes each, the same on every Python.

Floats are written as their shortest exact decimal, so they come back to the bit; crops and masks are PNG, which loses
nothing; features are base64 of int8. A track's looks are entries of their own, so a track only names their frames.
"""

from __future__ import annotations

import base64
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.audited.draw import Sampling
from edge.datapath import (
    Adopted,
    BeltSample,
    Detection,
    EmergencyStop,
    Fall,
    Frame,
    GateClosed,
    GateEvent,
    GatePulse,
    Incident,
    Look,
    Outcome,
    Scene,
    StepInputs,
    Track,
    Verdict,
)

Made = Look | Track | Verdict | GatePulse | Incident
"""What a step of the line makes of its inputs."""

Entry = tuple[dict[str, Any], bytes]

NO_PIXELS = np.zeros((1, 1, 3), np.uint8)
"""Stands where a recorded frame's pixels were: a recording begins behind detection."""

_PNG = [cv2.IMWRITE_PNG_COMPRESSION, 1, cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_RLE]
"""On crops of fruit a fifth smaller than zlib's fastest, in the same time."""


def pack_inputs(inputs: StepInputs) -> Entry:
    """One step's inputs. The whole frame stays out: its crops are all that the line looks at."""
    pictures: list[bytes] = []
    frame = inputs.frame
    fields: dict[str, Any] = {"kind": "step", "now_ns": inputs.now_ns}
    if inputs.gate_events:
        fields["events"] = [pack_event(event) for event in inputs.gate_events]
    if frame is not None:
        fields["frame"] = [frame.camera, frame.number, frame.exposed_at_ns, frame.lost]
        fields["detections"] = [_pack_detection(detection, pictures) for detection in inputs.detections]
    if inputs.scene is not None:
        fields["scene"] = [inputs.scene.level, inputs.scene.spots, inputs.scene.rgb]
    if inputs.sampling is not None:
        fields["sampling"] = [inputs.sampling.share, inputs.sampling.key]
    if inputs.adopted is not None:
        fields["adopted"] = [inputs.adopted.bundle, inputs.adopted.folder]
    return fields, b"".join(pictures)


def unpack_inputs(fields: dict[str, Any], pictures: bytes) -> StepInputs:
    """The inputs of a step, with `NO_PIXELS` in place of the frame's."""
    frame = None
    if "frame" in fields:
        camera, number, exposed_at_ns, lost = fields["frame"]
        frame = Frame(camera, number, exposed_at_ns, NO_PIXELS, lost)
    at, found = 0, []
    for packed in fields.get("detections", ()):
        *lengths, merged = packed[6:]
        crop, mask = (pictures[at : at + lengths[0]], pictures[at + lengths[0] : at + sum(lengths)])
        at += sum(lengths)
        box, (x_mm, y_mm, length_mm, width_mm), edge = tuple(packed[0]), packed[1:5], packed[5]
        found.append(Detection(box, x_mm, y_mm, length_mm, width_mm, edge, _picture(crop), _picture(mask), merged))
    events = tuple(unpack_event(event) for event in fields.get("events", ()))
    scene = _scene(*fields["scene"]) if "scene" in fields else None
    adopted = Adopted(*fields["adopted"]) if "adopted" in fields else None
    sampling = Sampling(*fields["sampling"]) if "sampling" in fields else None
    return StepInputs(fields["now_ns"], events, frame, tuple(found), scene, adopted, sampling)


def pack_made(record: Made) -> dict[str, Any]:
    """What a step made. The profile's name is the run's: it is not repeated in every verdict."""
    fields: dict[str, Any] = {"kind": type(record).__name__.lower()}
    fields |= {name: getattr(record, name) for name in record.__slots__ if name != "profile"}
    if isinstance(record, Look):
        fields["features"] = pack_features(record.features)
    elif isinstance(record, Track):
        fields["looks"] = [look.frame for look in record.looks]
    elif isinstance(record, Verdict):
        audit = fields.pop("audit")
        fields |= {} if audit is None else {"audit": [audit.chance, audit.outlet, audit.reason]}
    return fields


def pack_event(event: GateEvent) -> list[Any]:
    """A belt sample is three numbers or four, an outcome four values of which the first is its pulse, a stop two, a
    fall three of which the first is its gate, a gate's edge back the same with its tracks as the last."""
    if isinstance(event, BeltSample):
        numbers = [event.at_ns, event.belt_um, event.speed_um_s]
        return [*numbers, event.refused] if event.refused else numbers
    if isinstance(event, EmergencyStop):
        return [event.at_ns, event.pressed]
    if isinstance(event, Fall):
        return [event.gate, event.at_ns, event.ended]
    if isinstance(event, GateClosed):
        return [event.gate, event.at_ns, list(event.tracks)]
    pulse = [getattr(event.pulse, name) for name in GatePulse.__slots__]
    return [pulse, event.result, event.opened_at_ns, event.late_ns]


def unpack_event(packed: list[Any]) -> GateEvent:
    if isinstance(packed[0], list):
        return Outcome(GatePulse(*packed[0]), *packed[1:])
    if isinstance(packed[0], str):
        gate, at_ns, last = packed
        return GateClosed(gate, at_ns, tuple(last)) if isinstance(last, list) else Fall(gate, at_ns, last)
    return EmergencyStop(*packed) if len(packed) == 2 else BeltSample(*packed)


def pack_features(features: NDArray[np.int8] | None) -> str | None:
    return None if features is None else base64.b64encode(features.tobytes()).decode("ascii")


def unpack_features(text: str | None) -> NDArray[np.int8] | None:
    return None if text is None else np.frombuffer(base64.b64decode(text), np.int8)


def _scene(level: float, spots: float | None, rgb: list[float] | None = None) -> Scene:
    if rgb is None:
        return Scene(level, spots)
    red, green, blue = rgb
    return Scene(level, spots, (red, green, blue))


def _pack_detection(detection: Detection, pictures: list[bytes]) -> list[Any]:
    crop, mask = (cv2.imencode(".png", pixels, _PNG)[1].tobytes() for pixels in (detection.crop, detection.mask))
    pictures += (crop, mask)
    places = (detection.x_mm, detection.y_mm, detection.length_mm, detection.width_mm)
    return [detection.box_px, *places, detection.touches_edge, len(crop), len(mask), detection.merged]


def _picture(png: bytes) -> NDArray[np.uint8]:
    # RGB goes in as if it were OpenCV's BGR, and comes out the same way.
    pixels = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None:
        raise ValueError("a crop is no PNG")
    return pixels.astype(np.uint8, copy=False)
