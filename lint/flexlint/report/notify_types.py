"""The notify types of IKEv2 as a SARIF taxonomy: which of them the lines of a finding speak of.

Comes in: findings. Goes out: plain dicts for a run's `taxonomies` and a result's `taxa`. The types are the table
`notify_types.tsv`, which is IANA's registry.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from flexlint.finding import Finding
from flexlint.pattern import pattern
from flexlint.place import Role

NAME = "IKEv2 Notify Message Types"
GUID = "8f0d1c5e-6a57-5d0e-9c5b-2f6c1c9b7e14"  # of the taxonomy, chosen once
_REGISTRY = "https://www.iana.org/assignments/ikev2-parameters"
_NOTIFY = pattern(r"NOTIFY\(([A-Za-z0-9_]{3,40})\)")

Json = dict[str, Any]


class NotifyType(NamedTuple):
    number: str
    name: str
    reference: str  # "RFC 7296"
    said: tuple[str, ...]  # in lower case


@cache
def notify_types() -> tuple[NotifyType, ...]:
    from flexlint.data import folder, read_table

    rows = read_table(folder("grammars") / "facts" / "notify_types.tsv")
    return tuple(NotifyType(r["number"], r["name"], r["reference"], _phrases(r["said"])) for r in rows)


def _phrases(cell: str) -> tuple[str, ...]:
    return tuple(words for one in cell.split("|") if (words := one.strip()))


def taxonomy() -> Json:
    """The registry's error types, each linked to the RFC that defines it."""
    return {
        "name": NAME,
        "guid": GUID,
        "organization": "IANA",
        "informationUri": _REGISTRY,
        "downloadUri": f"{_REGISTRY}/ikev2-parameters.xhtml",
        "shortDescription": {"text": "Error types of the notify payload of IKEv2 (RFC 7296 section 3.10.1)."},
        "isComprehensive": False,
        "taxa": [
            {
                "id": one.number,
                "name": one.name,
                "shortDescription": {"text": f"{one.name}, defined by {one.reference}."},
                "helpUri": f"https://www.rfc-editor.org/rfc/rfc{one.reference.rpartition(' ')[2]}",
            }
            for one in notify_types()
        ],
    }


def taxa_of(finding: Finding) -> list[Json]:
    """References to the types that the log lines of a finding name, in the order of the registry."""
    texts = [p.text for p in (finding.primary, *finding.related) if p is not None and p.role is Role.LOG]
    named = {name for text in texts for name in _NOTIFY.findall(text)}
    lowered = [text.lower() for text in texts]
    return [
        {"id": one.number, "index": index, "toolComponent": {"name": NAME, "guid": GUID, "index": 0}}
        for index, one in enumerate(notify_types())
        if one.name in named or any(words in text for words in one.said for text in lowered)
    ]
