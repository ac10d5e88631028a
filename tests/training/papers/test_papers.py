"""The papers of a bundle hold against the schemas of those who defined them."""

import hashlib
import json
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from google.protobuf import json_format
from in_toto_attestation.predicates.provenance.v1.provenance_pb2 import Provenance
from in_toto_attestation.v1.statement import Statement
from in_toto_attestation.v1.statement_pb2 import Statement as StatementMessage

from edge.bundle import FACTORY, GOLDEN, WEIGHTS, Manifest, load_bundle
from training.papers import bom, card, provenance
from training.papers.environment import Environment, Package
from training.papers.writing import PAPERS, papers

LOCK = "ab" * 32
FOUND = Environment(LOCK, (Package("numpy", "2.4.6", "BSD-3-Clause", True),))
REPORT = {
    "sources": {
        "builtin": {
            "grades": {
                "red": {
                    "fruit": 44,
                    "recall": {"value": 0.99, "interval": [0.97, 1.0]},
                    "precision": {"value": 0.98, "interval": [0.95, 1.0]},
                },
                "green": {
                    "fruit": 1,
                    "recall": {"value": 1.0, "interval": None},
                    "precision": {"value": None, "interval": None},
                },
            }
        }
    }
}


@pytest.fixture(scope="module")
def manifest() -> Manifest:
    whole = load_bundle(FACTORY).manifest
    return whole.model_copy(update={"files": {name: whole.files[name] for name in (WEIGHTS, GOLDEN)}})


def test_the_bill_of_materials_is_cyclonedx(manifest: Manifest) -> None:
    text = json.dumps(bom.bom(manifest, FOUND))
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None


def test_the_validator_would_have_noticed(manifest: Manifest) -> None:
    broken = bom.bom(manifest, FOUND) | {"bomFormat": "else"}
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(broken)) is not None


def test_the_bill_names_the_weights_every_source_and_its_licence(manifest: Manifest) -> None:
    told = bom.bom(manifest, FOUND)
    assert told["metadata"]["component"]["hashes"][0]["content"] == manifest.files[WEIGHTS]
    licences = {c["name"]: c["licenses"][0]["license"].get("name") for c in told["components"] if c["type"] == "data"}
    assert set(licences) == set(manifest.origin.trained_on)
    assert "unknown" not in licences.values()


def stated(manifest: Manifest) -> dict[str, Any]:
    return provenance.provenance(manifest, FOUND)


def test_the_provenance_is_an_in_toto_statement_of_slsa(manifest: Manifest) -> None:
    message = json_format.ParseDict(
        {"type" if key == "_type" else key: value for key, value in stated(manifest).items()}, StatementMessage()
    )
    Statement.copy_from_pb(message).validate()
    json_format.ParseDict(stated(manifest)["predicate"], Provenance())


def test_an_unknown_word_in_the_provenance_would_be_noticed(manifest: Manifest) -> None:
    with pytest.raises(json_format.ParseError):
        json_format.ParseDict(stated(manifest)["predicate"] | {"maker": "x"}, Provenance())


def test_the_provenance_names_data_recipe_code_and_lock(manifest: Manifest) -> None:
    told = {one["name"]: one for one in stated(manifest)["predicate"]["buildDefinition"]["resolvedDependencies"]}
    origin = manifest.origin
    assert told["dataset"]["digest"]["sha256"] == origin.dataset_sha256
    assert told["recipe"]["digest"]["sha256"] == hashlib.sha256(origin.recipe_text.encode()).hexdigest()
    assert told["code"]["digest"]["gitCommit"] == origin.code_commit.rstrip("+")
    assert told["locks/training.txt"]["digest"]["sha256"] == LOCK


def test_code_with_changes_of_its_own_is_said_to_have_them(manifest: Manifest) -> None:
    changed = manifest.origin.model_copy(update={"code_commit": "0" * 40 + "+"})
    told = stated(manifest.model_copy(update={"origin": changed}))
    [code] = [d for d in told["predicate"]["buildDefinition"]["resolvedDependencies"] if d["name"] == "code"]
    assert code["annotations"] == {"clean": False}
    assert code["digest"]["gitCommit"] == "0" * 40


def test_the_card_says_how_many_fruit_stand_behind_each_figure(manifest: Manifest) -> None:
    text = card.card(manifest, REPORT, FOUND)
    assert "| builtin | red | 44 | 0.990 | 0.970 to 1.000 | 0.980 |" in text
    assert "| builtin | green | 1 | 1.000 | fewer than 5 fruit |  |" in text
    assert all(source in text for source in manifest.origin.trained_on)


def test_the_same_bundle_has_the_same_papers(manifest: Manifest) -> None:
    assert papers(manifest, REPORT) == papers(manifest, REPORT)
    assert set(papers(manifest, REPORT)) == set(PAPERS)
