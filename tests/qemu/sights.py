"""What the shipped bundle says of a fruit that rides through the picture: made here, for a guest that cannot grade."""

import json
from pathlib import Path
from typing import Any, TypedDict

SIGHTS = Path(__file__).with_name("sights.json")
"""In the guest alone."""


class Sights(TypedDict):
    """The bundle with its thresholds; by frame, one dictionary a detection: `place` is Detection's fields from x_mm to
    touches_edge, the rest as the network gave it."""

    bundle: str
    thresholds: dict[str, Any]
    frames: list[list[dict[str, Any]]]


def record(profile: Path, skin_id: str, to: Path) -> Sights:
    """One built-in fruit, in the middle of the first lane, as film; written as `to`."""
    # What the guest lacks.
    from edge.bundle import FACTORY, load_bundle  # noqa: PLC0415
    from edge.config import load_profile  # noqa: PLC0415
    from edge.datapath import Frame  # noqa: PLC0415
    from edge.detect.segment import Segmenter  # noqa: PLC0415
    from edge.grade.litert import LiteRTGrader  # noqa: PLC0415
    from sim.fruit import load_builtin  # noqa: PLC0415
    from tests.nspawn import film  # noqa: PLC0415

    settings, bundle = load_profile(profile), load_bundle(FACTORY)
    (skin,) = (one for one in load_builtin("held") if one.skin_id == skin_id)
    fruit = film.Fruit(0, skin.label, film.CLEAR_MM, skin)
    segmenter, grader = Segmenter(settings.camera.mm_per_px), LiteRTGrader(bundle)
    frames: list[list[dict[str, Any]]] = []
    for number, pixels in enumerate(film.frames(settings, [fruit]), 1):
        seen = segmenter.detect(Frame("film", number, number, pixels))
        frames.append(
            [
                {
                    "box_px": one.box_px,
                    "place": (one.x_mm, one.y_mm, one.length_mm, one.width_mm, one.touches_edge),
                    "scores": grades.scores,
                    "unknown_score": grades.unknown_score,
                    "sharpness": sharpness,
                }
                for one, (grades, sharpness) in zip(seen, grader.grade(seen), strict=True)
            ]
        )
    sights = Sights(
        bundle=bundle.identity, thresholds=bundle.manifest.thresholds.model_dump(mode="json"), frames=frames
    )
    to.write_text(json.dumps(sights), encoding="utf-8")
    return sights
