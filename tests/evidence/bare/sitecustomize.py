"""Hides mosquitto from every Python that finds this folder on its path."""

import shutil

_which = shutil.which


def _without_mosquitto(cmd, *args, **kwargs):
    return None if "mosquitto" in str(cmd) else _which(cmd, *args, **kwargs)


shutil.which = _without_mosquitto
