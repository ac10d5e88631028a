"""How a bundle was made: an in-toto statement with SLSA provenance, unsigned; the release's signature covers it.

https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md, https://slsa.dev/spec/v1.0/provenance
"""

from __future__ import annotations

import hashlib
from typing import Any

from edge.bundle import Manifest
from training.papers.environment import Environment, own_version

NAME = "provenance.intoto.json"

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://slsa.dev/provenance/v1"
_BUILD = "urn:sorter:train:v1"


def provenance(manifest: Manifest, found: Environment) -> dict[str, Any]:
    """The statement over every file that `manifest.files` names."""
    origin = manifest.origin
    return {
        "_type": STATEMENT,
        "subject": [{"name": name, "digest": {"sha256": sha256}} for name, sha256 in sorted(manifest.files.items())],
        "predicateType": PREDICATE,
        "predicate": {
            "buildDefinition": {
                "buildType": _BUILD,
                "externalParameters": {"recipe": origin.recipe, "seed": origin.seed},
                "internalParameters": {package.name: package.version for package in found.packages},
                "resolvedDependencies": list(_dependencies(manifest, found)),
            },
            "runDetails": {
                "builder": {"id": "urn:sorter:train", "version": {"sorter": own_version()}},
                "metadata": {"invocationId": f"{origin.recipe}/{origin.seed}", "startedOn": origin.created_utc},
            },
        },
    }


def _dependencies(manifest: Manifest, found: Environment) -> list[dict[str, Any]]:
    origin = manifest.origin
    told: list[dict[str, Any]] = [
        {"name": "dataset", "digest": {"sha256": origin.dataset_sha256}},
        {"name": "recipe", "digest": {"sha256": hashlib.sha256(origin.recipe_text.encode()).hexdigest()}},
    ]
    commit = origin.code_commit.rstrip("+")
    if commit != "unknown":
        clean = not origin.code_commit.endswith("+")
        told.append({"name": "code", "digest": {"gitCommit": commit}, "annotations": {"clean": clean}})
    if found.lock_sha256:
        told.append({"name": "locks/training.txt", "digest": {"sha256": found.lock_sha256}})
    return told
