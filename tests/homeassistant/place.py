"""Where the Python is that has Home Assistant: `make homeassistant` makes it, with Python 3.13."""

import os
from pathlib import Path

HOMEASSISTANT = Path(
    os.environ.get("HOMEASSISTANT_PYTHON") or Path(__file__).parents[2] / ".venv-homeassistant/bin/python"
)
