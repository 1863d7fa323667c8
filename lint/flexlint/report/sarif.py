"""The report as SARIF 2.1.0 (OASIS, errata 01), as code scanning services and editors read it.

Comes in: a report with its walks and contexts. Goes out: plain dicts written as JSON, the same bytes from run to run
and from any checkout: no times, no absolute paths below the root, nothing in the order of a set. Paths are relative to
`%SRCROOT%`; columns count code points. Text of files is masked.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from flexlint import __version__
from flexlint.cards import Card, cards
from flexlint.finding import Edit, Finding, Fix, Severity
from flexlint.pattern import pattern
from flexlint.place import Place, Role
from flexlint.report import notify_types
from flexlint.report.look import Look
from flexlint.report.model import Report
from flexlint.report.text import clean, masked_place

SCHEMA_URI = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
HOME = "https://github.com/flexlint/flexlint"
LONGEST_DESCRIPTION = 1024  # GitHub: limit of a rule's short and full description
MOST_LOCATIONS = 100

# Azure DevOps takes a log only with the names of a build in it, and its publishing task writes its own over them. These
# are constants, since the same report must be the same bytes; GitHub reads the id as the category of the analysis.
_BUILD = "azuredevops/pipeline/build/"
AUTOMATION = {
    "id": f"{_BUILD}flexlint/",
    "properties": {
        f"{_BUILD}buildDefinitionId": "1",
        f"{_BUILD}buildDefinitionName": "flexlint",
        f"{_BUILD}phaseId": "6f1d2c0a-3f0e-5a57-8d39-0c7b5a1e9f42",
        f"{_BUILD}phaseName": "flexlint",
    },
}

Json = dict[str, Any]

_URL = pattern(r"https?://[^\s)>`]+[^\s)>`.,;]")
_LINK = pattern(r"([\\\[\]])")
_PROBLEM = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "recommendation"}


def render(report: Report, look: Look) -> Iterator[str]:
    log = {"$schema": SCHEMA_URI, "version": "2.1.0", "runs": [_Run(report, look.root).json()]}
    yield json.dumps(log, indent=2, ensure_ascii=True) + "\n"


class _Run:
    def __init__(self, report: Report, root: str) -> None:
        self._report = report
        self._root = root.rstrip("/") + "/"
        spoke = {finding.rule for finding in report.findings}
        self._cards = [card for rule, card in cards().items() if rule in spoke]  # all of them would be a megabyte
        self._rules = {card.id: index for index, card in enumerate(self._cards)}
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
                    "rules": [_rule(card) for card in self._cards],
                    "supportedTaxonomies": [{"name": notify_types.NAME, "guid": notify_types.GUID, "index": 0}],
                }
            },
            "taxonomies": [notify_types.taxonomy()],
            "invocations": [
                {
                    "executionSuccessful": not report.unread,
                    **({"toolExecutionNotifications": notices} if (notices := list(self._notices())) else {}),
                }
            ],
            "automationDetails": AUTOMATION,
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
                yield {"level": level, "message": {"text": self._text(sentence)}}

    def _result(self, finding: Finding) -> Json:
        related = finding.related[:MOST_LOCATIONS]
        result: Json = {
            "ruleId": finding.rule,
            "ruleIndex": self._rules[finding.rule],
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
        if taxa := notify_types.taxa_of(finding):
            result["taxa"] = taxa
        if flows := list(self._flows(finding)):
            result["codeFlows"] = [{"threadFlows": flows}]
        if finding.suppressed is not None:
            result["suppressions"] = [{"kind": "inSource", "justification": self._text(finding.suppressed)}]
        fixes = [self._fix(one) for one in (finding.fix, *finding.alternatives) if one is not None]
        if applicable := [one for one in fixes if one is not None]:
            result["fixes"] = applicable
        result["properties"] = {
            "verdict": finding.verdict.value,
            "confidence": str(finding.confidence),
            "device": clean(finding.device),
            **({"negotiation": finding.negotiation} if finding.negotiation is not None else {}),
        }
        return result

    def _message(self, finding: Finding, related: list[Place]) -> str:
        """The sentence, its notes, and a link to each related location, without which viewers hide them."""
        sentences = [self._plain(finding.message), *(self._plain(note) for note in finding.notes)]
        fixes = [one for one in (finding.fix, *finding.alternatives) if one is not None]
        sentences += [f"{'Or' if number else 'Fix'}: {self._plain(one.text)}" for number, one in enumerate(fixes)]
        links = [f"[{self._plain(place.path)}:{place.line}]({number})" for number, place in enumerate(related, 1)]
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
            location["message"] = {"text": self._plain(place.note)}
        return location

    def _step(self, place: Place) -> Json:
        """A step of a walk: viewers show one only when its location stands inline and says something."""
        location = self._location(place)
        if place.role is Role.LOG:  # a step's text lacks the framing of its line, so its columns are not the file's
            location["physicalLocation"]["region"] = {"startLine": max(1, place.line)}
        location.setdefault("message", {"text": self._plain(place.text.strip()) or "(no text)"})
        return {"location": location, "importance": "essential" if place.role is Role.CONFIG else "important"}

    def _flows(self, finding: Finding) -> Iterator[Json]:
        """The negotiation step by step; of an IKE SA that both logs have, both ends side by side."""
        for number in (finding.negotiation, finding.counterpart):
            if walk := self._report.walks.get(number or 0):
                path = self._text(next((p.path for p in walk if p.role is Role.LOG), ""))
                yield {"id": path, "locations": [self._step(place) for place in walk]}

    def _fix(self, fix: Fix) -> Json | None:
        """The edits of a fix. One that would have to write a key is left out: what is masked must not be applied."""
        if not fix.edits or any(clean(line) != line for edit in fix.edits for line in edit.lines):
            return None
        by_path: dict[str, list[Json]] = {}
        for edit in fix.edits:
            by_path.setdefault(edit.path, []).append(_replacement(edit))
        changes = [
            {"artifactLocation": self._artifact(path), "replacements": replacements}
            for path, replacements in by_path.items()
        ]
        return {"description": {"text": self._plain(fix.text)}, "artifactChanges": changes}

    def _text(self, text: str) -> str:
        """Text of ours, the same from any checkout: paths below the root are told from there."""
        return clean(text.replace(self._root, "") if len(self._root) > 1 else text)

    def _plain(self, text: str) -> str:
        """Text that holds no link by accident: square brackets and backslashes are escaped (SARIF 3.11.6)."""
        return _LINK.sub(r"\\\1", self._text(text))

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
