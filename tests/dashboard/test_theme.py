"""The theme's colours: readable in light and dark, and the two ways to dark the same."""

import re
from pathlib import Path

import pytest

THEME = (Path(__file__).parents[2] / "dashboard/style/theme.css").read_text(encoding="utf-8")
BLOCKS = re.findall(r"([^{}]+)\{([^{}]*)\}", THEME)
TONES = ("ok", "warn", "stop", "lost", "idle")
GRADES = ("green", "turning", "red", "damaged", "unknown")
PAIRS = [
    ("ink", "bg"),
    ("ink", "surface"),
    ("ink", "surface-2"),
    ("ink-2", "surface"),
    ("ink-2", "bg"),
    ("accent-ink", "accent"),
    ("ink", "belt"),
    ("ink", "view"),
    *((tone, f"{tone}-bg") for tone in TONES),
    *((tone, "surface") for tone in TONES),
    *(("ink", f"{tone}-bg") for tone in TONES),
]


def tokens(selector: str) -> dict[str, str]:
    return next(
        dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})", body)) for head, body in BLOCKS if selector in head.strip()
    )


LIGHT = tokens(":root")
DARK = LIGHT | tokens(':root[data-theme="dark"]')


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = (int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5))
    r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(a: str, b: str) -> float:
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), PAIRS)
def test_text_stands_out_from_its_ground(theme, ink, ground):
    assert contrast(theme[ink], theme[ground]) >= 4.5


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("grade", GRADES)
def test_a_grades_letter_can_be_read_on_its_colour(theme, grade):
    """Large and bold: three to one."""
    assert contrast(theme[f"grade-{grade}-ink"], theme[f"grade-{grade}"]) >= 3


def test_the_systems_dark_is_the_chosen_dark():
    assert tokens(':root[data-theme="dark"]') == tokens(':root:not([data-theme="light"])')
