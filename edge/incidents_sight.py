"""What an operator can be told of the camera, the light and the lens: a part of `edge.incidents`."""

from edge.entry import Entry

CAMERA_SILENT = Entry(
    code="camera_silent",
    severity="error",
    what="the camera has given no frame for {limit_ms:.0f} ms",
    why="its cable, its power or its driver; fruit that pass meanwhile are not seen",
    remedy="if frames do not come again by themselves, check the cable at both ends",
    latch=False,
)
STALE_FRAMES = Entry(
    code="stale_frames",
    severity="warning",
    what="{refused:.0f} frames refused: they were exposed before the last one, or too long ago",
    why="the driver hands out frames that waited in a queue, or gives one twice",
    remedy="close what else uses the camera, and bring its driver up to date",
    latch=False,
)
FRAMES_LOST = Entry(
    code="frames_lost",
    severity="warning",
    what="{percent:.0f} % of the camera's frames are lost",
    why="the stamps or the numbers of those that come have holes",
    remedy="check the cable and [camera] frames_hz, and what else this computer runs",
    latch=False,
)
LAMP_OFF = Entry(
    code="lamp_off",
    severity="error",
    what="it is dark: fruit cannot be seen",
    why="the belt shows at less than a quarter of its brightness, or not at all",
    remedy="switch the lamp on; check its supply, and that nothing covers the lens",
    latch=False,
)
LIGHT_DRIFTS = Entry(
    code="light_drifts",
    severity="warning",
    what="the light is at {percent:.0f} % of what it should be",
    why="lamps age and gather dust, and daylight comes in; it should be as [camera] belt_level or the run's beginning",
    remedy="clean or replace the lamp, and shade the belt",
    latch=False,
)
LIGHT_UNFIT = Entry(
    code="light_unfit",
    severity="error",
    what="the light is at {percent:.0f} % of what it should be, and fruit cannot be graded by it",
    why="the bundle has learnt from pictures between two thirds and one and a half of their own brightness",
    remedy="clean or replace the lamp, and shade the belt; set [camera] belt_level anew where the light is good",
    latch=False,
)
LIGHT_FLICKERS = Entry(
    code="light_flickers",
    severity="warning",
    what="the light flickers by {percent:.0f} % from frame to frame",
    why="a lamp on the mains' own frequency, a worn supply or a loose contact",
    remedy="use a lamp on direct current, and check its supply and contacts",
    latch=False,
)
LENS_DIRTY = Entry(
    code="lens_dirty",
    severity="warning",
    what="spots on {percent:.1f} % of the belt's picture stay where they are while the belt moves",
    why="drops, dust or a finger's mark on the lens or its window",
    remedy="clean the lens",
    latch=False,
)
LENS_BLIND = Entry(
    code="lens_blind",
    severity="error",
    what="spots on {percent:.0f} % of the belt's picture hide too much of the fruit",
    why="drops, dust or juice on the lens or its window",
    remedy="clean the lens",
    latch=False,
)
PICTURE_SOFT = Entry(
    code="picture_soft",
    severity="warning",
    what="fruit show {percent:.0f} % less detail than when the run began",
    why="a film on the lens, or a lens that has moved",
    remedy="clean the lens and check its focus",
    latch=False,
)
PICTURE_BLURRED = Entry(
    code="picture_blurred",
    severity="error",
    what="fruit show {percent:.0f} % less detail than when the run began, too little to find damage",
    why="a film on the lens, or a lens that has moved",
    remedy="clean the lens and check its focus",
    latch=False,
)

ENTRIES = (
    *(CAMERA_SILENT, STALE_FRAMES, FRAMES_LOST),
    *(LAMP_OFF, LIGHT_DRIFTS, LIGHT_UNFIT, LIGHT_FLICKERS),
    *(LENS_DIRTY, LENS_BLIND, PICTURE_SOFT, PICTURE_BLURRED),
)
