"""What the view shows, as the live and the fast builder feed it, and the screen that shows it."""

from collections import deque
from dataclasses import dataclass, field
from typing import Literal

from edge.datapath import Health

DeviceState = Literal["starting", "sorting", "safe", "restarting", "stopped"]


@dataclass(frozen=True, slots=True)
class FruitSeen:
    """A true fruit on the belt now. `label` is its true one, `outlet` where the machine sent it once that is known;
    `colour` is its mean skin, `#rrggbb`, or None for the label's own colour."""

    lane: int
    x_mm: float
    label: str
    outlet: str | None = None
    colour: str | None = None


@dataclass(frozen=True, slots=True)
class GateSeen:
    """A gate, and whether its line stands at open now."""

    name: str
    lane: int
    x_mm: float
    outlet: str
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Spread:
    """A measured time in milliseconds; NaN before the first."""

    p50_ms: float = float("nan")
    p99_ms: float = float("nan")


@dataclass(slots=True)
class BrokerSeen:
    """`name` with its version, "mosquitto 2.0.18"; None where there is no broker."""

    name: str | None = None
    host: str = "127.0.0.1"
    port: int = 1883
    online: bool = False
    messages: int = 0


@dataclass(slots=True)
class ViewState:
    """All that is shown. Whoever runs the world writes it between two ticks; the view only reads it."""

    scenario: str = "clean"
    seed: int = 1
    mode: Literal["live", "fast"] = "live"
    elapsed_s: float = 0.0
    lanes: int = 2
    view_mm: float = 448.0
    belt_mm: float = 1_000.0
    route: dict[str, str] = field(default_factory=dict)
    """Label to outlet: a fruit is in the right outlet when its true label is routed there."""
    fruit: list[FruitSeen] = field(default_factory=list)
    gates: list[GateSeen] = field(default_factory=list)
    fed: int = 0
    fruit_per_s: float = 0.0
    """Fed in the last seconds, all lanes together."""
    outlets: dict[str, dict[str, int]] = field(default_factory=dict)
    """Outlet to true label to fruit that fell there; the belt's end is `end`."""
    fates: dict[str, int] = field(default_factory=dict)
    health: Health | None = None
    gate_late: Spread = field(default_factory=Spread)
    inference: Spread = field(default_factory=Spread)
    latency: Spread = field(default_factory=Spread)
    slack: Spread = field(default_factory=Spread)
    broker: BrokerSeen = field(default_factory=BrokerSeen)
    device: DeviceState = "starting"
    restarts: int = 0
    bundle: str = ""
    profile: str = ""
    events: deque[tuple[float, str]] = field(default_factory=lambda: deque(maxlen=200))
    """(elapsed_s, one line), newest last."""

    def say(self, text: str) -> None:
        """An event, now."""
        self.events.append((self.elapsed_s, text))
