"""What an operator can be told of budgets that burn too fast (`[burn]` of `firmware_config/indicators.toml`): a part of
`edge.incidents`. All of it is sorted through.

`{agreed}` is the indicator's own sentence with its target, `{rate}` how many times too fast it was when that began, and
`{urgency}` the rule's word on who is to see to it, and when.
"""

from edge.entry import Entry

_BURNS = "{agreed}, missed {rate:.0f} times as often as the budget allows; {urgency}"


def _burn(what: str, why: str, remedy: str) -> Entry:
    return Entry(code=f"burn_{what}", severity="warning", what=_BURNS, why=why, remedy=remedy, latch=False)


BY_COUNT = {
    "in_time": _burn(
        "in_time",
        why="pulses come too late for their fruit, or are refused",
        remedy="see what else this computer runs and whether it is throttled; feed less, or slow the belt",
    ),
    "sorting": _burn(
        "sorting",
        why="the machine stops itself too often or for too long, or its run is cut off",
        remedy="see which incident stops it (`sorter report` adds them up), and mend that one first",
    ),
    "openings": _burn(
        "openings",
        why="gates stay open beyond their longest_on_ms",
        remedy="look at the lines and valves of the gates, and at what holds up the gate process",
    ),
    "right": _burn(
        "right",
        why="people say of too many inspected fruit that they belong elsewhere",
        remedy="see which grade suffers and what else is told (light, lens, a new cultivar); train on what was said",
    ),
    "sound": _burn(
        "sound",
        why="people find too many damaged or strange fruit in outlets of sound grades",
        remedy="hold the crates back and look at them; clean lens and lamp, and label such fruit for training",
    ),
    "worth": _burn(
        "worth",
        why="by what people say of inspected fruit, too much money goes the wrong way",
        remedy="see in `sorter report` which outlet loses it, then [money.worth] and the bundle's thresholds",
    ),
}
"""By what an indicator counts (`edge.indicators.Counted`)."""

ENTRIES = tuple(BY_COUNT.values())
