"""The report as SARIF 2.1.0 (OASIS, errata 01), as code scanning services and editors read it.

Comes in: a report with its walks and contexts. Goes out: plain dicts written as JSON, the same bytes from run to run
and from any checkout: no times, no absolute paths below the root, nothing in the order of a set. Paths are relative to
`%SRCROOT%`; columns count code points. Text of files is masked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from flexlint import __version__
from flexlint.cards import Card, cards
from flexlint.finding import Edit, Finding, Severity
from flexlint.pattern import pattern
from flexlint.place import Place, Role
from flexlint.report.look import Look
from flexlint.report.model import Report
from flexlint.report.text import clean, masked_place

SCHEMA_URI = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
HOME = "https://pypi.org/project/flexlint/"
LONGEST_DESCRIPTION = 1024  # GitHub: limit of a rule's short and full description
MOST_LOCATIONS = 100

Json = dict[str, Any]

_URL = pattern(r"https?://[^\s)>`]+[^\s)>`.,;]")
_PROBLEM = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "recommendation"}


def render(report: Report, look: Look) -> Iterator[str]:
    log = {"$schema": SCHEMA_URI, "version": "2.1.0", "runs": [_Run(report, look.root).json()]}
    yield json.dumps(log, indent=2, ensure_ascii=True) + "\n"


class _Run:
    def __init__(self, report: Report, root: str) -> None:
        self._report = report
        self._root = root.rstrip("/") + "/"
        self._rules = {rule: index for index, rule in enumerate(cards())}
        self._artifacts = {self._uri(one.path): index for index, one in enumerate(report.inputs)}

    def json(self) -> Json:
        report = self._report
        roles = {"config": "network device configuration", "log": "debug crypto ikev2 log"}
        return {
            "tool": {
                "driver": {
                    "name": "flexlint",
                    "fullName": f"flexlint {__version__}",
                    "version": __version__,
                    "semanticVersion": __version__,
                    "informationUri": HOME,
                    "rules": [_rule(card) for card in cards().values()],
                }
            },
            "invocations": [
                {
                    "executionSuccessful": not report.unread,
                    **({"toolExecutionNotifications": notices} if (notices := list(self._notices())) else {}),
                }
            ],
            "automationDetails": {"id": "flexlint/"},
            "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The folder flexlint was started in."}}},
            "columnKind": "unicodeCodePoints",
            "artifacts": [
                {
                    "location": self._artifact(one.path, indexed=False),
                    "roles": ["analysisTarget"],
                    "mimeType": "text/plain",
                    "description": {"text": roles.get(one.kind, one.kind)},
                }
                for one in report.inputs
            ],
            "results": [self._result(finding) for finding in report.findings],
        }

    def _notices(self) -> Iterator[Json]:
        for level, told in (("error", self._report.unread), ("note", self._report.notices)):
            for sentence in told:
                yield {"level": level, "message": {"text": clean(sentence)}}

    def _result(self, finding: Finding) -> Json:
        related = finding.related[:MOST_LOCATIONS]
        result: Json = {
            "ruleId": finding.rule,
            "ruleIndex": self._rules.get(finding.rule, -1),
            "kind": "fail",
            "level": str(finding.severity or Severity.NOTE),
            "message": {"text": self._message(finding, related)},
            "locations": [self._location(finding.primary)] if finding.primary else [],
            "partialFingerprints": {"flexlintSemantic/v1": finding.fingerprint},
            "occurrenceCount": finding.occurrences,
        }
        if related:
            result["relatedLocations"] = [
                {"id": number, **self._location(place)} for number, place in enumerate(related, 1)
            ]
        if walk := self._report.walks.get(finding.negotiation or 0):
            result["codeFlows"] = [{"threadFlows": [{"locations": [self._step(place) for place in walk]}]}]
        if finding.suppressed is not None:
            result["suppressions"] = [{"kind": "inSource", "justification": clean(finding.suppressed)}]
        if fix := self._fix(finding):
            result["fixes"] = [fix]
        result["properties"] = {
            "verdict": finding.verdict.value,
            "confidence": str(finding.confidence),
            "device": clean(finding.device),
            **({"negotiation": finding.negotiation} if finding.negotiation is not None else {}),
        }
        return result

    def _message(self, finding: Finding, related: list[Place]) -> str:
        """The sentence, its notes, and a link to each related location, without which viewers hide them."""
        sentences = [_plain(finding.message), *(_plain(note) for note in finding.notes)]
        if finding.fix:
            sentences.append(f"Fix: {_plain(finding.fix.text)}")
        links = [f"[{_plain(place.path)}:{place.line}]({number})" for number, place in enumerate(related, 1)]
        if links:
            sentences.append(f"See {', '.join(links)}")
        return ". ".join(sentence.rstrip(".") for sentence in sentences) + "."

    def _location(self, place: Place) -> Json:
        physical: Json = {"artifactLocation": self._artifact(place.path), "region": _region(place)}
        if context := self._report.context.get((place.path, place.line)):
            first = max(1, place.line - 2)
            if len(context) > 1:
                physical["contextRegion"] = {
                    "startLine": first,
                    "endLine": first + len(context) - 1,
                    "snippet": {"text": "\n".join(clean(line) for line in context) + "\n"},
                }
        location: Json = {"physicalLocation": physical}
        if place.note:
            location["message"] = {"text": _plain(place.note)}
        return location

    def _step(self, place: Place) -> Json:
        """A step of a walk: viewers show one only when its location stands inline and says something."""
        location = self._location(place)
        if place.role is Role.LOG:  # a step's text lacks the framing of its line, so its columns are not the file's
            location["physicalLocation"]["region"] = {"startLine": max(1, place.line)}
        location.setdefault("message", {"text": _plain(place.text.strip()) or "(no text)"})
        return {"location": location, "importance": "essential" if place.role is Role.CONFIG else "important"}

    def _fix(self, finding: Finding) -> Json | None:
        """The edits of a fix. One that would have to write a key is left out: what is masked must not be applied."""
        fix = finding.fix
        if not fix or not fix.edits or any(clean(line) != line for edit in fix.edits for line in edit.lines):
            return None
        changes = [
            {"artifactLocation": self._artifact(edit.path), "replacements": [_replacement(edit)]} for edit in fix.edits
        ]
        return {"description": {"text": _plain(fix.text)}, "artifactChanges": changes}

    def _artifact(self, path: str, indexed: bool = True) -> Json:
        uri = self._uri(path)
        artifact: Json = {"uri": uri}
        if not uri.startswith("file:"):
            artifact["uriBaseId"] = "%SRCROOT%"
        if indexed and uri in self._artifacts:
            artifact["index"] = self._artifacts[uri]
        return artifact

    def _uri(self, path: str) -> str:
        """Relative to the root where it lies below it, with `/`, percent-encoded (RFC 3986)."""
        if path == "-":
            return "stdin"
        encoded = quote(path.replace("\\", "/").removeprefix(self._root).encode("utf-8", "surrogateescape"))
        if encoded.startswith("/"):
            return "file://" + encoded
        return encoded.removeprefix("./")


def _region(place: Place) -> Json:
    text, start, end = masked_place(place)
    region: Json = {
        "startLine": max(1, place.line),
        "startColumn": max(1, place.column),
        "endLine": max(1, place.end_line, place.line),
        "endColumn": max(1, place.end_column),
    }
    if snippet := text[start - 1 : end - 1]:
        region["snippet"] = {"text": snippet}
    return region


def _replacement(edit: Edit) -> Json:
    deleted = {"startLine": edit.first, "startColumn": 1, "endLine": max(edit.first, edit.last + 1), "endColumn": 1}
    return {"deletedRegion": deleted, "insertedContent": {"text": "".join(line + "\n" for line in edit.lines)}}


def _rule(card: Card) -> Json:
    checks, why = card.sections["What it checks"], card.sections["Why it matters"]
    body = card.text.split("---\n", 2)[2].strip()
    rule: Json = {
        "id": card.id,
        "name": "".join(word.capitalize() for word in card.name.split("-")),
        "shortDescription": {"text": _shortened(card.summary)},
        "fullDescription": {"text": _shortened(" ".join(f"{checks}\n{why}".split()))},
        "help": {"text": body, "markdown": body},
        "defaultConfiguration": {"level": card.severity.value},
        "properties": {
            "tags": [card.family, card.verdict.value],
            "precision": card.confidence.value,
            "problem.severity": _PROBLEM[card.severity],
        },
    }
    if url := _URL.search(card.sections.get("References", "")):
        rule["helpUri"] = url[0]
    else:
        rule["helpUri"] = HOME
    return rule


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_DESCRIPTION else text[: LONGEST_DESCRIPTION - 3] + "..."


def _plain(text: str) -> str:
    """Text that holds no link by accident: square brackets and backslashes are escaped (SARIF 3.11.6)."""
    return re.sub(r"([\\\[\]])", r"\\\1", clean(text))
