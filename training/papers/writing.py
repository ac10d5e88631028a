"""All papers of a bundle, ready to lie beside its weights."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from edge.bundle import Manifest
from training.papers import bom, card, provenance
from training.papers.environment import environment

PAPERS = (card.NAME, bom.NAME, provenance.NAME)


def papers(manifest: Manifest, report: Mapping[str, Any]) -> dict[str, bytes]:
    """File name to content. `manifest.files` must hold everything else that the bundle carries."""
    found = environment()
    return {
        card.NAME: card.card(manifest, report, found).encode(),
        bom.NAME: _json(bom.bom(manifest, found)),
        provenance.NAME: _json(provenance.provenance(manifest, found)),
    }


def _json(document: Mapping[str, Any]) -> bytes:
    return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode()
