"""What no single key of `[audit]` shows: shares out of order, an outlet that does not lead to inspection alone."""

from collections.abc import Iterator

from edge.datapath import BELT_END
from edge.sections import Settings


def _shares(s: Settings) -> Iterator[str]:
    share, least, most = s.audit.share, s.audit.least_share, s.audit.most_share
    if not share:
        return
    if least is not None and not 0 < least <= share:
        yield f"[audit] least_share = {least:g}: must be above 0 and at most share = {share:g}"
    if most is not None and most < share:
        yield f"[audit] most_share = {most:g}: must be at least share = {share:g}"


def _outlet(s: Settings) -> Iterator[str]:
    outlet = s.audit.outlet
    if outlet == BELT_END:
        return
    if outlet in s.route.values():
        yield f'[audit] outlet = "{outlet}": sorted fruit go there too; give an outlet of its own, or "{BELT_END}"'
    served = {(gate.lane, gate.outlet) for gate in s.gates.values()}
    for n in range(len(s.lanes)):
        if (n, outlet) not in served:
            yield f'[audit] outlet = "{outlet}": lane {n} has no gate with this outlet; add one, or use "{BELT_END}"'


AUDIT_RULES = (_shares, _outlet)
