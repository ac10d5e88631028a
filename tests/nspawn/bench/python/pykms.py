"""Stands in for pykms, which draws a preview: nothing here has a screen."""


class PixelFormat:
    """Asked for by name when picamera2 is imported, and for nothing afterwards."""

    def __getattr__(self, name: str) -> object:
        return name


PixelFormat = PixelFormat()  # type: ignore[assignment,misc]  # its users ask the instance
