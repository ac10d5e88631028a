"""A bundle's bill of materials: CycloneDX 1.6 with the model as a component and its card.

https://cyclonedx.org/docs/1.6/json/
"""

from __future__ import annotations

import uuid
from typing import Any

from edge.bundle import GOLDEN, WEIGHTS, Manifest
from training.papers.environment import Environment, Package, own_version

NAME = "bom.cdx.json"

_MODEL = "model"


def bom(manifest: Manifest, found: Environment) -> dict[str, Any]:
    """The document; the same for the same bundle. `manifest.files` must hold the weights already."""
    origin = manifest.origin
    serial = uuid.uuid5(uuid.NAMESPACE_URL, f"{manifest.name}/{manifest.files[WEIGHTS]}")
    datasets = [_dataset(source, fruit, manifest) for source, fruit in origin.trained_on.items()]
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {
            "timestamp": origin.created_utc,
            "tools": {"components": [{"type": "application", "name": "sorter", "version": own_version()}]},
            "component": _model(manifest, [f"dataset/{source}" for source in origin.trained_on]),
        },
        "components": [*datasets, *map(_library, found.packages)],
        "dependencies": [
            {
                "ref": _MODEL,
                "dependsOn": [*(one["bom-ref"] for one in datasets), *(p.name for p in found.packages)],
            }
        ],
    }


def _model(manifest: Manifest, datasets: list[str]) -> dict[str, Any]:
    size = manifest.preprocessing.size_px
    return {
        "bom-ref": _MODEL,
        "type": "machine-learning-model",
        "name": manifest.name,
        "version": manifest.files[WEIGHTS][:12],
        "licenses": [{"license": {"id": "Apache-2.0"}}],
        "hashes": [{"alg": "SHA-256", "content": manifest.files[WEIGHTS]}],
        "modelCard": {
            "modelParameters": {
                "approach": {"type": "supervised"},
                "task": "grading of single fruit: ripeness, damage, tomato or not",
                "architectureFamily": "convolutional neural network, int8",
                "datasets": [{"ref": ref} for ref in datasets],
                "inputs": [{"format": f"uint8 RGB (1, {size}, {size}, 3)"}],
                "outputs": [{"format": "int8 scores (1, 5)"}, {"format": "int8 features"}],
            },
            "quantitativeAnalysis": {
                "performanceMetrics": [
                    {"type": name, "value": str(value)} for name, value in manifest.metrics.items() if value is not None
                ]
            },
        },
        "properties": [{"name": f"sorter:sha256:{GOLDEN}", "value": manifest.files[GOLDEN]}],
    }


def _dataset(source: str, fruit: list[str], manifest: Manifest) -> dict[str, Any]:
    return {
        "bom-ref": f"dataset/{source}",
        "type": "data",
        "name": source,
        "licenses": [{"license": {"name": _licence(source, manifest)}}],
        "data": [{"type": "dataset", "name": source, "contents": {"properties": [_property(fruit)]}}],
        "properties": [{"name": "sorter:dataset-sha256", "value": manifest.origin.dataset_sha256}],
    }


def _property(fruit: list[str]) -> dict[str, str]:
    return {"name": "sorter:physical-fruit", "value": str(len(fruit))}


def _licence(source: str, manifest: Manifest) -> str:
    """As the manifest lists them, one a source in the same order."""
    by_source = dict(zip(manifest.origin.trained_on, manifest.licences, strict=False))
    return by_source.get(source, "unknown")


def _library(package: Package) -> dict[str, Any]:
    return {
        "bom-ref": package.name,
        "type": "library",
        "name": package.name,
        "version": package.version,
        "purl": f"pkg:pypi/{package.name}@{package.version}",
        "scope": "required" if package.on_device else "excluded",
        "licenses": [{"license": {"id": package.licence}}],
    }
