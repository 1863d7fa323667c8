"""Whether a certificate map accepts a certificate.

Comes in: the entries of a map and the fields of a certificate as text. Goes out: True, False, or None when a field that
decides is not known.
"""

from __future__ import annotations

from flexlint.config.model import CertificateMapEntry, Criterion


def map_accepts(entries: list[CertificateMapEntry] | None, certificate: dict[str, str] | None) -> bool | None:
    """Entries are alternatives, the criteria of one entry must all hold (R: PKI configuration guide).

    None for a map that is not defined, and where the certificate is not known."""
    if certificate is None or entries is None:
        return None
    verdicts = [_entry_accepts(entry.criteria, certificate) for entry in entries]
    if True in verdicts:
        return True
    return None if None in verdicts else False


def refusing(entries: list[CertificateMapEntry] | None, certificate: dict[str, str] | None) -> list[Criterion]:
    """The first criterion of each entry that the certificate does not meet; empty where one may be met."""
    if certificate is None or entries is None or map_accepts(entries, certificate) is not False:
        return []
    return [next(c for c in entry.criteria if _holds(c, certificate) is False) for entry in entries if entry.criteria]


def _entry_accepts(criteria: list[Criterion], certificate: dict[str, str]) -> bool | None:
    verdicts = [_holds(criterion, certificate) for criterion in criteria]
    if False in verdicts:
        return False
    return None if None in verdicts else True


def _holds(criterion: Criterion, certificate: dict[str, str]) -> bool | None:
    """R: compared without case. Dates are not compared: a log seldom has them."""
    text = certificate.get(str(criterion.field))
    if text is None:
        return None
    text, value = _even(text), _even(criterion.value)
    match criterion.operator:
        case "co":
            return value in text
        case "nc":
            return value not in text
        case "eq":
            return value == text
        case "ne":
            return value != text
    return None


def _even(text: str) -> str:
    """Lower case, without the blanks around `=` and `,` that are written in some places and not in others."""
    even = " ".join(text.strip().strip('"').lower().split())
    return even.replace(" =", "=").replace("= ", "=").replace(" ,", ",").replace(", ", ",")
