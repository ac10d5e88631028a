"""Where the Python is that has tflite-runtime instead of LiteRT: `make tflite` makes it, with Python 3.11."""

import os
from pathlib import Path

TFLITE = Path(os.environ.get("TFLITE_PYTHON") or Path(__file__).parents[2] / ".venv-tflite/bin/python")
