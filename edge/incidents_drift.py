"""What an operator can be told of decay that comes slowly: a part of `edge.incidents`. All of it is sorted through.

`{moved}` names what has moved and how far, each as a multiple of the most that is usual on this machine.
"""

from edge.entry import Entry

DRIFT_LAMP = Entry(
    code="drift_lamp",
    severity="warning",
    what="the lamp has aged: the empty belt is at {light:.0f} % of its brightness, its colour off by {tint:.0f} % "
    "({moved})",
    why="light or colour of the empty belt moved since what is usual was learned, and the picture is as sharp as then",
    remedy="clean or replace the lamp, then check its supply; grades of colour are doubtful until then",
    latch=False,
)
DRIFT_LENS = Entry(
    code="drift_lens",
    severity="warning",
    what="the lens is dirty: fruit show {detail:.0f} % of the detail that they did ({moved})",
    why="fruit of every grade lost sharpness for the light that there is",
    remedy="clean the lens and its window, and check the focus; damage is missed until then",
    latch=False,
)
DRIFT_CULTIVAR = Entry(
    code="drift_cultivar",
    severity="warning",
    what="fruit come that the bundle was not taught: a new cultivar, or other produce ({moved})",
    why="light, lens and bundle are as they were, and what the network sees of the fruit is not",
    remedy="look at the fruit that are sorted now, label some of them, and have a bundle trained that knows them",
    latch=False,
)
DRIFT_BUNDLE = Entry(
    code="drift_bundle",
    severity="warning",
    what="bundle {bundle} grades worse than the one before it, for {fruit:.0f} fruit now ({moved})",
    why="since it took over its answers have moved, and light and lens have not",
    remedy="give the bundle back, or choose another; `sorter grade` on known pictures shows what it does",
    latch=False,
)
DRIFT_UNEXPLAINED = Entry(
    code="drift_unexplained",
    severity="warning",
    what="grading has changed, and nothing that this machine measures says why ({moved})",
    why="the network's answers moved; light, sharpness and the look of the fruit did not",
    remedy="check the bundle with `sorter check`, look at the fruit and at the camera, and have some fruit audited",
    latch=False,
)

ENTRIES = (DRIFT_LAMP, DRIFT_LENS, DRIFT_CULTIVAR, DRIFT_BUNDLE, DRIFT_UNEXPLAINED)
