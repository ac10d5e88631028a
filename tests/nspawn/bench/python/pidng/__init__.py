"""Stands in for PiDNG, which has no wheel: it writes raw pictures, and nobody asks for one."""
