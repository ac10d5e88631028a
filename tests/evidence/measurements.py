"""The measurements by number: the name of its file, what it shows, and what makes it."""

from tests.evidence.ablation import ablation
from tests.evidence.abuse import commands
from tests.evidence.audited import audits
from tests.evidence.benches import pipeline, simulator
from tests.evidence.calibrated import calibrated
from tests.evidence.counting import counting
from tests.evidence.cultivars import cultivars
from tests.evidence.dashboards import fleet, load
from tests.evidence.decays import decays
from tests.evidence.deployed import deployed
from tests.evidence.desk import live
from tests.evidence.endurance import endurance
from tests.evidence.explained import explained
from tests.evidence.firsthour import firsthour
from tests.evidence.gates import gates
from tests.evidence.graded import damage, quantised, whole_recipe
from tests.evidence.held import contracts, kills
from tests.evidence.historycost import historycost
from tests.evidence.investing import investing
from tests.evidence.load import capacity, dense
from tests.evidence.loop import loop
from tests.evidence.lots import lots
from tests.evidence.moving import moving
from tests.evidence.outbox import outbox
from tests.evidence.overload import overload
from tests.evidence.overtheair import overtheair
from tests.evidence.projects import second_crop
from tests.evidence.promises import promises
from tests.evidence.regressions import regressions
from tests.evidence.reviewing import reviewing
from tests.evidence.ripeness import another_camera, ripeness
from tests.evidence.rollouts import rollouts
from tests.evidence.simulated import builtin, photographed
from tests.evidence.starting import starting
from tests.evidence.stills import stills
from tests.evidence.strange import strangers
from tests.evidence.telemetry import telemetry
from tests.evidence.tiers import gpio, processors, service, traps, wiring
from tests.evidence.trained import recipe
from tests.evidence.trial import Measurement
from tests.evidence.updatecost import updatecost

MEASUREMENTS: dict[int, tuple[str, str, Measurement]] = {
    1: ("from-nothing", "from nothing to a sorted fruit, live, with and without mosquitto", live),
    60: (
        "drift",
        "decay is noticed and its cause is named, and a season raises no more alarms than promised",
        decays,
    ),
    2: ("clean-builtin", "held-out built-in fruit fall where they belong, and a seed is a run", builtin),
    3: ("clean-photographs", "photographed fruit fall where they belong", photographed),
    4: ("stills", "another camera's photographs and scenes of many fruit are graded", stills),
    5: ("pipeline", "the pipeline stays near its floor, in speed and in memory", pipeline),
    6: ("simulator", "the simulator is much faster than real time", simulator),
    7: ("train-ci", "pictures become a bundle that sorts within a minute", recipe),
    8: ("contract", "fakes keep the claims of what they stand for", contracts),
    9: ("kills", "whatever is killed, every gate is released and stays so until the machine sorts again", kills),
    10: ("gates", "the gates are as punctual under load as a bare process is", gates),
    11: ("dense", "dense fruit at a Pi's speed get their pulse and fall where they are sent", dense),
    12: ("overload", "more work than a Pi 4 can do costs fruit their verdict, never their aim", overload),
    13: ("capacity", "the most fruit a second and lane, and what limits it", capacity),
    14: ("belt-truth", "aim holds on a belt that slows, stops and ramps, and with an encoder that slips", moving),
    15: ("endurance", "a million frames leave memory, queues and file handles as they were", endurance),
    20: ("outbox", "kills, outages and power cuts cost no verdict, and the control path no time", outbox),
    21: (
        "telemetry",
        "a thousand fruit a second, live ones in time before a day's backlog",
        telemetry,
    ),
    22: ("dashboard-load", "the page is smooth and its memory bounded with 50 fruit/s and an hour of history", load),
    23: ("fleet", "a page of 500 machines is never a second behind", fleet),
    24: ("commands", "no hostile command is acted on, none crashes the machine, and its memory is bounded", commands),
    30: ("another-camera", "photographs of a camera of which nothing was learned are graded right", another_camera),
    32: (
        "ripeness",
        "ripeness is right on another camera, on new cultivars and on new fruit, each on its own",
        ripeness,
    ),
    33: ("strangers", "produce that nothing was learned of is told from tomatoes, by each method", strangers),
    36: ("counting", "fruit on tables are counted and graded, touching ones too, on any ground at any size", counting),
    34: ("cultivars", "tomatoes of a cultivar that was never learned are graded as the others are", cultivars),
    39: (
        "promises",
        "a fruit is called wrongly no more often than promised, and goes where it is worth most",
        promises,
    ),
    31: (
        "damage-folds",
        "damage is found on fruit never learned, and sound fruit of other sources is not called so",
        damage,
    ),
    35: ("int8", "int8 costs next to nothing in what is right, and the network little time", quantised),
    37: ("ablation", "what each choice of the recipe is worth, one factor at a time", ablation),
    38: (
        "train-factory",
        "the factory recipe is whole within 40 minutes, and two workers have the loss of one",
        whole_recipe,
    ),
    43: ("over-the-air", "a bundle from publish to active on a sorting line, which feels nothing of it", overtheair),
    44: ("regressions", "a worse bundle is refused or taken back, and a good one is not", regressions),
    46: ("rollout", "a fleet takes a bundle in three waves, and gives one back that it refuses", rollouts),
    47: (
        "update-cost",
        "the update process is small, and a download that is cut off goes on where it ended",
        updatecost,
    ),
    50: (
        "service",
        "the shipped unit sorts a film on a machine with systemd, and comes back safe from faults",
        service,
    ),
    51: (
        "processors",
        "the shipped bundle computes the same on a Pi's processors, and its lock installs there from wheels alone",
        processors,
    ),
    52: ("gpio", "a kernel's lines fall in time whatever hangs or dies, and rise first for a graded fruit", gpio),
    53: (
        "deploy",
        "a deploy that is killed anywhere leaves a machine that sorts, and goes through the next time",
        deployed,
    ),
    54: (
        "calibrate",
        "a machine that nobody has calibrated is found as it is, and a knocked camera is noticed",
        calibrated,
    ),
    55: ("first-hour", "sorter setup is driven to its end at a terminal, interrupted once and gone on with", firsthour),
    57: ("wiring", "the hardware guide agrees with the profiles, the boot fragment and the units", wiring),
    58: ("camera-traps", "picamera2's known traps are walked round, imitated and on stock picamera2", traps),
    56: ("start", "the service sorts within seconds, and what it holds and what is installed is known", starting),
    61: (
        "audits",
        "the audit's intervals hold the truth as often as they say, and what the machine thinks of itself does not",
        audits,
    ),
    62: ("lots", "what a report states of a lot against a grade standard is right, however often it is read", lots),
    63: (
        "loop",
        "a cultivar never seen comes, is noticed, judged, learned and released, and is graded right from then on",
        loop,
    ),
    64: (
        "explained",
        "every field of a fruit's history is filled over an update, a change and a kill, and no byte changes unseen",
        explained,
    ),
    65: ("history-cost", "drift, audit and ledger together cost little of a core, and little memory", historycost),
    66: ("invest", "on plants whose best investment is known it is named", investing),
    67: (
        "second-crop",
        "a new machine project is green in minutes, and its crop sorts with a bundle of its own recipe",
        second_crop,
    ),
    68: ("review", "a person judges sixty fruit a minute by the keyboard, blindly, and the machine has it", reviewing),
}
