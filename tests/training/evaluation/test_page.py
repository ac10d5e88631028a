import json
import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from edge.errors import UsageFault
from tests.training.evaluation.evaluated import evaluation
from training.evaluation import page
from training.evaluation.charts import charts
from training.gate import criteria, judge

FOUND = evaluation("<b>&fruit")
JUDGED = judge(FOUND.report, criteria())
TEXT = page.page(FOUND, JUDGED)


class _Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def tags() -> list[tuple[str, dict[str, str | None]]]:
    seen = _Seen()
    seen.feed(TEXT)
    return seen.tags


def test_the_page_fetches_nothing() -> None:
    for tag, given in tags():
        for key in ("src", "href", "xlink:href", "data"):
            assert (given.get(key) or "#").startswith(("#", "data:image/jpeg;base64,")), (tag, given)
    assert not any(tag in {"script", "link", "iframe", "object"} for tag, _ in tags())
    assert "url(http" not in TEXT
    assert "@import" not in TEXT


def test_names_are_told_not_run() -> None:
    assert "mine&lt;b&gt;@1" in TEXT
    assert "mine<b>" not in TEXT
    assert "builtin/&lt;b&gt;&amp;fruit-wrong" in TEXT


def test_the_verdict_comes_first_and_then_the_criteria() -> None:
    assert TEXT.index("Not fit for release") < TEXT.index("Release criteria") < TEXT.index("<svg")
    assert TEXT.index("<svg") < TEXT.index("Details") < TEXT.index("worst mistakes")
    for one in JUDGED:
        assert one.criterion.why.split(":")[0].split("'")[0] in TEXT


def test_the_pictures_take_the_pages_own_colour() -> None:
    found = list(charts(FOUND.report, criteria()))
    assert len(found) == 6
    for _, _, svg in found:
        ElementTree.fromstring(svg)
        assert "currentColor" in svg
        assert "#010203" not in svg
        assert "<text" in svg


def test_no_two_pictures_share_a_name() -> None:
    names = re.findall(r'<(?:clipPath|path|g|marker)[^>]* id="([^"]+)"', TEXT)
    clips = [
        name for name in names if not re.fullmatch(r"(figure|axes|matplotlib|patch|line|text|xtick|ytick|.*_\d+)", name)
    ]
    assert len(clips) == len(set(clips)) > 0


def test_the_same_figures_make_the_same_page() -> None:
    assert page.page(FOUND, JUDGED) == TEXT
    assert len(TEXT) < 2_000_000


def test_the_report_is_written_for_machines_and_for_people(tmp_path: Path) -> None:
    page.write(tmp_path / "new", FOUND, JUDGED)
    stored = json.loads((tmp_path / "new" / "report.json").read_text())
    assert stored["sources"]["builtin"]["confusion"]["red"]["damaged"] == 3
    assert {one["state"] for one in stored["criteria"]} >= {"met", "unmeasured"}
    assert (tmp_path / "new" / "report.html").read_text() == TEXT
    assert "base64" not in (tmp_path / "new" / "report.json").read_text()


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageFault, match="give a folder that can be written"):
        page.write(tmp_path / "file" / "in", FOUND, JUDGED)


@pytest.mark.parametrize(
    ("states", "says"),
    [
        (["met", "met"], "fit for release: all 2 criteria are met"),
        (["met", "missed"], "not fit for release: 1 of 2 criteria are missed (b)"),
        (["met", "unmeasured"], "not fit for release yet: 1 of 2 criteria are met; 1 could not be measured"),
        (["missed", "unmeasured"], "not fit for release: 1 of 2 criteria are missed (a); 1 could not be measured"),
    ],
)
def test_the_verdict_is_one_sentence(states: list[str], says: str) -> None:
    judged = [
        JUDGED[0].model_copy(update={"name": name, "state": state}) for name, state in zip("ab", states, strict=True)
    ]
    assert page.sentence(judged) == says
