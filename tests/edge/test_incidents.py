import re
import string

from edge.incidents import CATALOGUE


def test_every_entry_says_what_why_and_what_to_do_in_one_line():
    for code, entry in CATALOGUE.items():
        assert code == entry.code
        assert re.fullmatch(r"[a-z0-9_]+", code)  # an alarm's topic ends in it
        figures = {name: 1.0 for _, name, _, _ in string.Formatter().parse(entry.what) if name}
        said = entry.say(figures)
        assert entry.remedy in said and "{" not in said and "\n" not in said
        assert entry.why
