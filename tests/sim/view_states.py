"""States that the view is drawn from in tests, and the one behind the README's picture."""

from sim.view import BrokerSeen, FruitSeen, GateSeen, Spread, ViewState
from tests.edge.telemetry.records import a_health

ROUTE = {label: label for label in ("red", "turning", "green", "damaged")}


def a_busy_state() -> ViewState:
    labels = ["red", "green", "turning", "damaged", "red", "turning", "green", "red", "damaged"]
    fruit = [
        FruitSeen(lane, 40.0 + n * 118 + lane * 52 + n % 3 * 9, label, label if n > 4 else None)
        for lane in (0, 1)
        for n, label in enumerate(labels[lane:])
    ]
    fruit[5] = FruitSeen(0, fruit[5].x_mm, "unknown", "end")
    fruit[7] = FruitSeen(0, fruit[7].x_mm, "red", "turning")
    gates = [
        GateSeen(f"{outlet}_{lane}", lane, x_mm, outlet, is_open=(lane, outlet) in [(0, "green"), (1, "damaged")])
        for outlet, x_mm in zip(ROUTE, (640, 740, 840, 940), strict=True)
        for lane in (0, 1)
    ]
    state = ViewState(
        elapsed_s=83.4,
        belt_mm=1_080,
        route=ROUTE,
        fruit=fruit,
        gates=gates,
        fed=1_412,
        fruit_per_s=9.97,
        outlets={
            "red": {"red": 341, "turning": 3},
            "turning": {"turning": 338, "red": 1},
            "green": {"green": 349},
            "damaged": {"damaged": 333, "red": 1},
            "end": {"unknown": 8, "damaged": 14, "red": 4},
        },
        fates={
            "held": 0,
            "unseen": 0,
            "collateral": 0,
            "shed": 0,
            "unsure": 18,
            "late": 0,
            "misdirected": 0,
            "misgraded": 5,
            "right": 1369,
        },
        health=a_health(frames=2501, frames_dropped=3),
        gate_late=Spread(0.12, 0.41),
        inference=Spread(0.9),
        latency=Spread(21.4, 38.0),
        slack=Spread(148.0, 102.5),
        broker=BrokerSeen("mosquitto 2.0.18", online=True),
        device="sorting",
        bundle="factory@3f9c21a0b7de",
        profile="demo@12eb2e81eef1",
    )
    for at_s, text in [
        (0.4, "broker: mosquitto 2.0.18"),
        (1.9, "device ready"),
        (2.3, "first verdict 2.3 s after start"),
        (40.0, "gate process killed: every gate released"),
    ]:
        state.elapsed_s = at_s
        state.say(text)
    state.elapsed_s = 83.4
    return state
