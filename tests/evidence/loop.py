"""The loop closed once: a cultivar that the bundle never saw comes onto the line, is noticed, judged by a person,
learned and released, and the machine grades it from then on. `make loop`, or measurement 63.

The line runs in virtual time on rendered frames, of rendered fruit and of the photographed newcomer; alarm, album,
commands, ingest, training, comparison, signatures, shadow, probation and take-over are the product's. While the office
trains, the line's clock runs on for half a minute, whatever the training takes.
"""

from __future__ import annotations

from pathlib import Path

from edge.bundle import FACTORY
from sim.choice import BUILTIN
from tests.evidence.loop_conductor import Conductor, agent_of
from tests.evidence.loop_figures import figures, targets
from tests.evidence.loop_line import SEED, Line, Plan
from tests.evidence.loop_office import Office
from tests.evidence.loop_plot import draw
from tests.evidence.trained import python_with_tensorflow, small_recipe
from tests.evidence.trial import NO_PHOTOGRAPHS, ROOT, Finding, Trial, photographs

CULTIVAR = ("turntable/Tomato_Maroon_2",)
"""Ripe when it is maroon, so `red`. No recipe learns from it: nobody has told its grade."""
PAINTED = tuple(f"builtin/varieties/yellow-{n:03}" for n in range(10))
FRUIT = 240
"""That people judge."""
RECIPE = ROOT / "training" / "recipes" / "ablation.toml"
PLANTS = {
    '"made-up:damaged" = 3.0': "\n".join(
        [
            '"made-up:damaged" = 0.5',
            '"desk-demo:red" = 3.0',
            '"desk-demo:damaged" = 0.3',
            '"desk-demo:tomato" = 0.3',
        ]
    ),
    'name = "ablation"': 'name = "plant"',
}
"""What a plant's recipe changes of it. Damage is painted onto whatever is not built in, which here is the plant's few
fruit: as often as in the recipe, nearly all that is learned of a new cultivar is damaged."""
OUT = ROOT / "docs" / "loop.svg"


def loop(trial: Trial) -> Finding:
    """From the first fruit to the machine on its new bundle. A small size takes painted fruit, the factory's bundle and
    too few looks for the new one to leave."""
    whole, python, pictures = trial.size >= 1, python_with_tensorflow(), photographs()
    if python is None:
        return Finding({}, missing="no environment with TensorFlow: make training")
    if whole and pictures is None:
        return NO_PHOTOGRAPHS
    office = Office(trial, python, plants_recipe(trial) if whole else small_recipe(trial), BUILTIN)
    office.open()
    base, kept = FACTORY, office.looks.exists()
    if whole:
        base = trial.folder / "base"
        office.train("train, without the cultivar", base)
    line, conductor = run(trial, office, base, str(pictures) if whole else "")
    found = figures(line, conductor, office, base) | {"looks_were_there": kept}
    draw(line, conductor.story, OUT if whole else trial.folder / OUT.name)
    return Finding(found, targets(found), SEED)


def plants_recipe(trial: Trial) -> str:
    """The file of it."""
    text = RECIPE.read_text(encoding="utf-8")
    for usual, own in PLANTS.items():
        text = text.replace(usual, own)
    path = trial.folder / "plant.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def run(trial: Trial, office: Office, base: Path, photographs: str) -> tuple[Line, Conductor]:
    """The line and what happens beside it, to its end."""
    whole = trial.size >= 1
    plan = Plan(
        fruit_images=office.data,
        newcomers=CULTIVAR if whole else PAINTED,
        photographs=photographs,
        label="red" if whole else "turning",
        share=0.4,
        from_s=60.0 if whole else 5.0,
        most_s=1_200.0 if whole else 30.0,
        reference_fruit=400 if whole else 200,
        audit=0.03 if whole else 0.4,
        patience_s=120.0 if whole else 5.0,
        trains_s=30.0 if whole else 1.0,
        after_s=60.0,
    )
    line = Line(trial.folder, plan, base, office.releases)
    conductor = Conductor(line, office, base, FRUIT if whole else 4)
    line.run.beside(agent_of(line).step)
    line.run.beside(conductor.step)
    line.run.run_until(lambda: conductor.state == "over")
    return line, conductor
