"""What an operator can be told of the audit: a part of `edge.incidents`."""

from edge.entry import Entry

ACCURACY_FELL = Entry(
    code="accuracy_fell",
    severity="warning",
    what="{right:.0f} % of the last {fruit:.0f} inspected fruit were sorted right; agreed are {agreed:.1f} %",
    why="people have looked at fruit that were drawn at random, and chance does not explain so many errors",
    remedy="see which grade suffers and what else is told (light, lens, a new cultivar); train on what was labelled",
    latch=False,
)

ENTRIES = (ACCURACY_FELL,)
