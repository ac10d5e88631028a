"""Makes any Python on Linux lack what macOS lacks. Put this folder on PYTHONPATH: every process of the run loads it.

`SORTER_MAC_SEEN` may name a file: every process then adds its command line to it, so that a test knows who came by.
"""

import builtins
import io
import os
import pathlib
import sys
import time

_LINUX_ONLY = ("eventfd", "eventfd_read", "eventfd_write", "memfd_create")


def _refuse_proc(real):
    def opened(file, *args, **kwargs):
        if isinstance(file, (str, bytes, os.PathLike)):
            path = os.fspath(file)
            text = path.decode(errors="replace") if isinstance(path, bytes) else path
            if text == "/proc" or text.startswith("/proc/"):
                raise FileNotFoundError(2, "macOS has no /proc", text)
        return real(file, *args, **kwargs)

    return opened


for _name in [name for name in dir(os) if name.startswith("sched_")] + list(_LINUX_ONLY):
    if hasattr(os, _name):
        delattr(os, _name)
for _name in ("CLOCK_BOOTTIME", "CLOCK_TAI"):
    if hasattr(time, _name):
        delattr(time, _name)
os.open = _refuse_proc(os.open)
io.open = builtins.open = _refuse_proc(builtins.open)  # pathlib opens through io

if _seen := os.environ.get("SORTER_MAC_SEEN"):
    with pathlib.Path(_seen).open("a", encoding="utf-8") as _file:
        _file.write(" ".join(sys.orig_argv) + "\n")
