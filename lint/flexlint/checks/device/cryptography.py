"""Algorithms: those IOS refuses in this release, those that are broken, those that are old.

Comes in: a device, the table of algorithms and that of refusals by platform. Goes out: findings CRY001 to CRY003 and
CRY175, and for other modules what the table says of an algorithm. Which proposal a peer would get is no matter here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

from flexlint.checks.device.edits import removed
from flexlint.config.defaults import Release, release_of
from flexlint.config.model import (
    CryptoMapEntry,
    Device,
    IpsecProfile,
    Proposal,
    Stanza,
    TransformSet,
)
from flexlint.data import folder, read_table
from flexlint.finding import Finding, Severity
from flexlint.place import Word
from flexlint.rulebook import DeviceCase, Findings, Scope, check


class Algorithm(NamedTuple):
    """A row of `algorithms.tsv`; `bits` is the key length of a cipher, None for other algorithms."""

    status: str
    is_refused: bool
    bits: int | None


class Use(NamedTuple):
    """An algorithm where it is configured: `use` as in the table, `owner` as in messages."""

    stanza: Stanza
    owner: str
    use: str
    name: str
    word: Word


UNKNOWN = Algorithm("", False, None)
LISTS = ("encryption", "integrity", "prf", "group")


@cache
def algorithms() -> dict[tuple[str, str], Algorithm]:
    rows = read_table(folder("grammars") / "facts" / "algorithms.tsv")
    return {
        (row["use"], row["algorithm"]): Algorithm(
            row["status"], row["refused"] == "yes", int(row["bits"]) if row["bits"] else None
        )
        for row in rows
    }


def algorithm(use: str, name: str) -> Algorithm:
    return algorithms().get((use, name), UNKNOWN)


def known(use: Use) -> Algorithm:
    return algorithm(use.use, use.name)


def algorithm_uses(device: Device) -> Iterator[Use]:
    """Every algorithm of IKEv2 proposals, of transform-sets, and of `set pfs`, in file order of each kind."""
    for proposal in device.proposals.values():
        for use in LISTS:
            for word in getattr(proposal, use):
                yield Use(proposal, f"proposal '{proposal.name}'", use, str(word), word)
    for one in device.transform_sets.values():
        for transform in one.transforms:
            name = str(transform.word).lower()
            yield Use(one, f"transform-set '{one.name}'", "transform", name, transform.word)
    for holder in pfs_holders(device):
        if holder.pfs is not None:
            name = holder.pfs.lower().removeprefix("group")
            yield Use(holder, holder_label(holder), "group", name, holder.pfs)


def pfs_holders(device: Device) -> Iterator[IpsecProfile | CryptoMapEntry]:
    """IPsec profiles, and the crypto map entries that IKEv2 protects."""
    yield from device.ipsec_profiles.values()
    yield from (entry for entry in device.crypto_maps if entry.ikev2_profile is not None)


def holder_label(holder: Stanza) -> str:
    kind = "IPsec profile" if isinstance(holder, IpsecProfile) else "crypto map"
    return f"{kind} '{holder.name}'"


def _grouped(uses: Iterable[Use]) -> list[list[Use]]:
    """Uses of one line together, so that a list of three weak groups is one finding."""
    found: dict[tuple[int, str], list[Use]] = {}
    for use in uses:
        found.setdefault((id(use.stanza), use.use), []).append(use)
    return list(found.values())


def _named(uses: list[Use]) -> str:
    """`encryption des, 3des`, `group 2`; transforms carry their kind in the name."""
    kind = "" if uses[0].use == "transform" else f"{uses[0].use} "
    return kind + ", ".join(use.name for use in uses)


def _strong(use: Use) -> list[str]:
    """What else the list of a proposal offers that is not weak."""
    if not isinstance(use.stanza, Proposal):
        return []
    return [str(w) for w in getattr(use.stanza, use.use) if known(use._replace(name=str(w))).status == ""]


# ---- refused by the release ---------------------------------------------------------------------------------------


class Refusal(NamedTuple):
    family: str
    since: Release
    is_certain: bool  # whether the family of the platform is known


@cache
def _refusals() -> list[tuple[str, Release, tuple[str, ...]]]:
    rows = read_table(folder("grammars") / "facts" / "refusals.tsv")
    found = []
    for row in rows:
        major, _, minor = row["from"].partition(".")
        found.append((row["family"], Release(int(major), int(minor)), tuple(row["pid"].split())))
    return found


def refusal(device: Device, release: Release | None) -> Refusal | None:
    """Whether this platform and release take weak algorithms no more (V: Field Notice FN72510); None where they do,
    where the release is not known, and where the compliance shield is switched off."""
    if release is None or device.global_statement("compliance_shield") is not None:
        return None
    pid = _product(device)
    if pid:
        family = next((one for one in _refusals() if one[2] and pid.startswith(one[2])), None)
        return Refusal(family[0], family[1], True) if family and release >= family[1] else None
    *families, every = _refusals()
    if release >= every[1]:
        return Refusal(every[0], every[1], True)
    first = min(families, key=lambda one: one[1])
    return Refusal(first[0], first[1], False) if release >= first[1] else None


def _product(device: Device) -> str:
    """The product id of `license udi pid`, empty when the file does not show it."""
    for line in device.lines:
        if line.text.startswith("license udi pid "):
            return line.text.split()[3]
    return ""


@check("CRY001", on=Scope.DEVICE)
def refused_algorithm(case: DeviceCase) -> Findings:
    """Lines that the release rejects at boot: the object is then incomplete and the tunnels stay down."""
    release = release_of(case.device, case.settings.release)
    refused = refusal(case.device, release)
    if refused is None:
        return
    for uses in _grouped(use for use in algorithm_uses(case.device) if known(use).is_refused):
        finding = Finding(
            f"{uses[0].owner} names {_named(uses)}, which every {refused.family} refuses from {refused.since} on; "
            f"this is {release}"
        )
        finding.at(uses[0].word).about(uses[0].owner, uses[0].use)
        if not refused.is_certain:  # other families began later
            finding.lowered(Severity.WARNING)
        yield finding


@check("CRY002", on=Scope.DEVICE)
def weak_algorithm(case: DeviceCase) -> Findings:
    """Broken ciphers, MD5, groups that are too short; where the release refuses them CRY001 speaks."""
    refused = refusal(case.device, release_of(case.device, case.settings.release))
    weak = (
        use
        for use in algorithm_uses(case.device)
        if known(use).status == "weak" and not (refused is not None and known(use).is_refused)
    )
    for uses in _grouped(weak):
        rest = _strong(uses[0])
        offers = f"; it also offers {', '.join(rest)}" if rest else ""
        finding = Finding(f"{uses[0].owner} names {_named(uses)}, which is weak{offers}")
        yield finding.at(uses[0].word).about(uses[0].owner, uses[0].use)


@check("CRY003", on=Scope.DEVICE)
def legacy_algorithm(case: DeviceCase) -> Findings:
    """SHA-1 or SEAL as the only choice of an IKEv2 proposal or transform-set."""
    for uses in _grouped(use for use in algorithm_uses(case.device) if known(use).status == "legacy"):
        stanza = uses[0].stanza
        if isinstance(stanza, Proposal) and len(uses) == len(getattr(stanza, uses[0].use)):
            yield (
                Finding(f"{uses[0].owner} offers only {_named(uses)}")
                .at(uses[0].word)
                .about(uses[0].owner, uses[0].use)
            )
        elif isinstance(stanza, TransformSet):
            yield Finding(f"{uses[0].owner} names {_named(uses)}").at(uses[0].word).about(uses[0].owner)


@check("CRY175", on=Scope.DEVICE)
def shield_switched_off(case: DeviceCase) -> Findings:
    """`crypto engine compliance shield disable`."""
    said = case.device.global_statement("compliance_shield")
    if said is None:
        return
    weak = [use for use in algorithm_uses(case.device) if known(use).is_refused]
    needed = f"; {weak[0].owner} names {weak[0].name}" if weak else "; nothing in this configuration needs it"
    finding = Finding(f"the compliance shield is switched off, so weak algorithms are accepted{needed}").at(said)
    if not weak:
        finding.mend("take the line out", *removed(said.line), safe=True)
    yield finding.also(weak[0].word if weak else None, "the algorithm it lets in").about("shield")
