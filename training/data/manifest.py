"""A dataset's manifest: Croissant 1.0 (JSON-LD), every file with its hash, so that a bundle can name what it learned.

https://docs.mlcommons.org/croissant/docs/croissant-spec.html
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from training.data.listing import Listing, Row

_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
_FIELDS = ("file", "fruit", "label", "split", "source", "cultivar", "light")
_FORMATS = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}


def manifest(listing: Listing, name: str, licence: str, date: str) -> dict[str, Any]:
    """The manifest of a listing, its `version` the digest of all its files and labels. `licence`: an SPDX name or an
    address; `date`: of publication, ISO 8601. Raises OSError where a listed file cannot be read."""
    hashes = {row.name: hashlib.sha256(row.path.read_bytes()).hexdigest() for row in listing.rows}
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": name,
        "description": f"{len(listing.rows)} pictures of {len({row.fruit_key for row in listing.rows})} physical fruit",
        "license": licence,
        "citeAs": name,
        "url": "https://localhost/",
        "datePublished": date,
        "version": f"1.0.0+{digest(listing, hashes)[:12]}",
        "distribution": [_file(row, hashes[row.name]) for row in listing.rows],
        "recordSet": [_records(listing)],
    }


def digest(listing: Listing, hashes: Mapping[str, str]) -> str:
    """SHA-256 over every picture's hash with what is told of it, in the order of the names."""
    lines = sorted("\t".join((hashes[row.name], *_told(row))) for row in listing.rows)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _told(row: Row) -> tuple[str, ...]:
    return (row.name, row.fruit, row.label, row.split, row.source, row.cultivar, row.light)


def _file(row: Row, sha256: str) -> dict[str, str]:
    return {
        "@type": "cr:FileObject",
        "@id": row.name,
        "name": row.name,
        "contentUrl": row.name,
        "encodingFormat": _FORMATS.get(row.path.suffix.lower(), "application/octet-stream"),
        "sha256": sha256,
    }


def _records(listing: Listing) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": "pictures",
        "name": "pictures",
        "field": [
            {"@type": "cr:Field", "@id": f"pictures/{name}", "name": name, "dataType": "sc:Text"} for name in _FIELDS
        ],
        "data": [
            {f"pictures/{name}": value for name, value in zip(_FIELDS, _told(row), strict=True)} for row in listing.rows
        ],
    }
