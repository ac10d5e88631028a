"""What ran: the first page of a recorded run, from which its line can be built again."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from edge import clock
from edge.bundle import Bundle
from edge.config import Profile
from edge.errors import RunFault, UsageFault
from edge.trace.store import RUN

_LIBRARIES = ("sorter", "numpy", "opencv-python-headless", "ai-edge-litert", "tflite-runtime")


class Header(BaseModel):
    """`run.json`. `profile` is the whole of it, `profile_digest` and `bundle` are the names that its verdicts carried;
    `bundle_folder` is where the bundle lay. `versions` of Python and of the libraries that decide with it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[1]
    run_id: str
    started_utc: str
    profile_digest: str
    bundle: str
    bundle_folder: str
    versions: dict[str, str]
    profile: dict[str, Any]

    @property
    def folder_name(self) -> str:
        """Names sort by time."""
        return f"{self.started_utc.replace('-', '').replace(':', '')}-{self.run_id}"


def header_of(profile: Profile, run_id: str, bundle: Bundle) -> Header:
    """The header of a run that starts now."""
    return Header(
        format=1,
        run_id=run_id,
        started_utc=clock.utc_text(),
        profile_digest=profile.digest,
        bundle=bundle.identity,
        bundle_folder=str(bundle.folder.absolute()),
        versions=versions(),
        profile=profile.model_dump(mode="json"),
    )


def load_header(run: Path) -> Header:
    """Raises UsageFault where there is no recorded run, RunFault where its header is not good."""
    path = run / RUN
    try:
        return Header.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise UsageFault(f"{run}: no recorded run here: {RUN} is missing") from None
    except OSError as error:
        raise RunFault(f"{path}: cannot be read: {error.strerror}") from None
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in fault["loc"]) or "the file"
        raise RunFault(
            f"{path}: {where}: {fault['msg']}; it was not written by a version that this one knows"
        ) from None


def versions() -> dict[str, str]:
    """Of Python and the libraries that are here."""
    return {"python": platform.python_version()} | {name: found for name in _LIBRARIES if (found := _version(name))}


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
