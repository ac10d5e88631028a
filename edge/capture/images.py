"""Still images as files: which there are, and their pixels."""

import os
from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.errors import ImageFault, UsageFault

SUFFIXES = frozenset({".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"})

_JPEG, _JPEG_END = b"\xff\xd8", b"\xff\xd9"


def find_images(paths: Iterable[Path]) -> list[Path]:
    """Files as given, folders by the images anywhere below them, in the order of their names.

    Raises UsageFault for a path that does not exist and for a folder without an image.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            # Links are not followed, so that a link to a folder above ends here.
            below = sorted(Path(top, name) for top, _, names in os.walk(path) for name in names)
            images = [file for file in below if file.suffix.lower() in SUFFIXES]
            if not images:
                kinds = ", ".join(sorted(SUFFIXES))
                raise UsageFault(f"{path}: no image in this folder or below it: must hold files named {kinds}")
            found += images
        elif path.exists():
            found.append(path)
        else:
            raise UsageFault(f"{path}: no such file or folder; give images or folders of images")
    return found


def read_image(file: Path) -> NDArray[np.uint8]:
    """The picture, uint8 RGB (h, w, 3), upright. Raises ImageFault."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise ImageFault(f"{file}: cannot be read: {error.strerror}") from None
    # A JPEG that was cut short decodes with its lower part grey.
    cut = data.startswith(_JPEG) and data.rfind(_JPEG_END) < len(data) // 2
    try:
        pixels = None if cut or not data else cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)
    except cv2.error:
        pixels = None
    if pixels is None:
        what = "is empty" if not data else "is cut short; copy it again" if cut else "is no image that can be decoded"
        raise ImageFault(f"{file}: {what}")
    return np.asarray(pixels, np.uint8)
