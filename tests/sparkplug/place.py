"""Where the independent decoder of Sparkplug B is: `make sparkplug` installs it."""

from pathlib import Path

FOLDER = Path(__file__).parent
DECODER = FOLDER / "node_modules/sparkplug-payload"
