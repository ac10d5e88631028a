"""The review page's picture for the documentation: `python -m tests.dashboard.review_picture docs/dashboard`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from edge.clock import now_ns, sleep_until
from tests.dashboard.browser import Page, browser
from tests.dashboard.reviewed import NS
from tests.evidence.reviewing import KEYS, SHOWN, reviewed


def main() -> None:
    """Some fruit are judged by two people, and the page is taken."""
    folder = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as work, reviewed(Path(work), 30) as (machine, url), browser() as page:
        page.open(f"{url}#/review/desk/demo", 1280, 900)
        page.theme("light")
        for n in range(14):
            page.until(SHOWN)
            track = page.run(SHOWN)
            sleep_until(now_ns() + round(0.7 * NS))
            page.key(KEYS[machine.truth[track]] if n % 5 else "d")
            page.until(f"document.querySelector('.views').dataset.track !== '{track}'")
        page.until("document.querySelectorAll('.people tbody tr').length > 0", 30)
        _shoot(page, folder / "review.webp")


def _shoot(page: Page, path: Path) -> None:
    sleep_until(now_ns() + NS)
    page.picture(path)


if __name__ == "__main__":
    main()
