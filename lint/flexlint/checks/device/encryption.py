"""What protects the traffic: open transform-sets, PFS, anti-replay, certificates, strengths that do not fit.

Comes in: a device. Goes out: findings CRY164 to CRY182. Which algorithm is weak is said in `cryptography.py`.
"""

from __future__ import annotations

from flexlint.checks.device.cryptography import LISTS, algorithm, holder_label, pfs_holders, refusal
from flexlint.checks.device.wording import is_template
from flexlint.config.defaults import proposals_named, release_of
from flexlint.config.model import Device, Proposal, TransformSet
from flexlint.finding import Finding, Severity
from flexlint.place import Word
from flexlint.rulebook import DeviceCase, Findings, Scope, check


def _ciphers(one: TransformSet) -> list[Word]:
    return [t.word for t in one.transforms if t.word.startswith("esp-") and not t.word.endswith("-hmac")]


@check("CRY164", on=Scope.DEVICE)
def unencrypted_traffic(case: DeviceCase) -> Findings:
    """`esp-null`, `esp-gmac`, or no ESP cipher at all: the packets can be read."""
    refused = refusal(case.device, release_of(case.device, case.settings.release))
    for one in case.device.transform_sets.values():
        ciphers = _ciphers(one)
        clear = next((w for w in ciphers if algorithm("transform", w).status == "clear"), None)
        only_ah = bool(one.transforms) and not ciphers and all(t.word.startswith("ah-") for t in one.transforms)
        if clear is not None and refused is None:
            yield Finding(f"transform-set '{one.name}' does not encrypt: {clear}").at(clear).about(one.name)
        elif only_ah:
            word = one.transforms[0].word
            yield Finding(f"transform-set '{one.name}' has {word} and no ESP cipher").at(word).about(one.name)


@check("CRY167", on=Scope.DEVICE)
def unauthenticated_cipher(case: DeviceCase) -> Findings:
    """A cipher without combined mode, and no ESP or AH authentication beside it."""
    for one in case.device.transform_sets.values():
        ciphers = [w for w in _ciphers(one) if not w.startswith(("esp-gcm", "esp-gmac", "esp-null"))]
        understood = all(t.word.startswith(("esp-", "ah-", "comp-")) for t in one.transforms)
        if ciphers and understood and not any(t.word.endswith("-hmac") for t in one.transforms):
            yield (
                Finding(f"transform-set '{one.name}' encrypts with {ciphers[0]} and authenticates with nothing")
                .at(ciphers[0])
                .about(one.name)
                .mend("add `esp-sha256-hmac`, or use `esp-gcm 256`")
            )


@check("CRY172", on=Scope.DEVICE)
def pfs_of_unsaid_group(case: DeviceCase) -> Findings:
    """`set pfs` with no group: which one it means depends on the release."""
    for holder in pfs_holders(case.device):
        if holder.pfs is None and holder.pfs_line is not None:
            finding = Finding(f"{holder_label(holder)} asks for PFS and names no group").at(holder.pfs_line)
            yield finding.about(holder_label(holder)).mend("name the group: `set pfs group19`")


def _bits(one: TransformSet) -> int | None:
    """The key length of the set's cipher, None when it has none or it is not known."""
    for transform in one.transforms:
        row = algorithm("transform", transform.word.lower())
        if row.bits is not None:
            return int(transform.size) if transform.size is not None and transform.size.isdecimal() else row.bits
    return None


@check("CRY177", on=Scope.DEVICE)
def ike_weaker_than_child(case: DeviceCase) -> Findings:
    """The IKE SA that hands out the keys has a shorter cipher than the traffic below it."""
    device = case.device
    enforced = next((s for s in device.globals if s.kind == "ipsec_option" and "sa-strength" in s.line.text), None)
    ciphers = [c for p in _attached(device) for c in p.encryption]
    lengths = [algorithm("encryption", str(c)).bits for c in ciphers]
    if not ciphers or None in lengths or _serves_default(device):
        return
    strongest = max(bits for bits in lengths if bits is not None)
    word = ciphers[lengths.index(strongest)]
    used = {str(name) for profile in device.ipsec_profiles.values() for name in profile.transform_sets}
    for one in device.transform_sets.values():
        bits = _bits(one) if one.name in used else None
        if bits is not None and bits > strongest:
            finding = Finding(
                f"transform-set '{one.name}' encrypts with {bits} bits, the IKE SA with {strongest} at most ({word})"
                + ("; `sa-strength-enforcement` refuses that" if enforced is not None else "")
            )
            finding.at(one.transforms[0].word).also(word, "the strongest cipher of IKE").also(enforced).about(one.name)
            yield finding.lowered(Severity.ERROR if enforced is not None else None)


def _attached(device: Device) -> list[Proposal]:
    names = {str(name) for policy in device.policies.values() for name in policy.proposals}
    return [p for name, p in device.proposals.items() if name in names]


def _serves_default(device: Device) -> bool:
    """Whether a policy names the implicit proposal, whose ciphers the file does not show."""
    return "default" not in device.proposals and any("default" in p.proposals for p in device.policies.values())


@check("CRY173", on=Scope.DEVICE)
def weak_default_proposal(case: DeviceCase) -> Findings:
    """No policy of its own, and the built-in proposal of this release still has MD5 or short groups."""
    device = case.device
    release = release_of(device, case.settings.release)
    if release is None or not device.profiles or is_template(device):
        return
    if any(p.proposals for p in device.policies.values()) or "policy" in device.disabled_defaults:
        return
    offers = proposals_named(device, "default", release)
    if "default" in device.proposals or not offers:
        return
    weak = [_weak_words(one) for one in offers]
    if all(weak):  # so it is whatever the exact release
        profile = next(iter(device.profiles.values()))
        yield (
            Finding(
                f"no IKEv2 policy is configured, and the default proposal of {release} accepts {', '.join(weak[0])}"
            )
            .at(profile.name)
            .about("default proposal")
        )


def _weak_words(proposal: Proposal) -> list[str]:
    """`integrity md5`, `group 2` ... of a proposal that stands nowhere."""
    return [
        f"{use} {word}"
        for use in LISTS
        for word in getattr(proposal, use)
        if algorithm(use, str(word)).status == "weak"
    ]


@check("CRY178", on=Scope.DEVICE)
def replay_switched_off(case: DeviceCase) -> Findings:
    """No anti-replay, for one IPsec profile or for the whole router."""
    for one in case.device.ipsec_profiles.values():
        if one.replay == "disable":
            yield Finding(f"IPsec profile '{one.name}' checks for no replay").at(one.replay).about(one.name)
    for said in case.device.globals:
        if said.kind == "ipsec_option" and not said.negated and "replay disable" in said.line.text:
            yield Finding("no IPsec SA of this router checks for replay").at(said).about("global")


@check("CRY180", on=Scope.DEVICE)
def weak_certificate(case: DeviceCase) -> Findings:
    """Trustpoints of IKEv2 that sign with MD5 or SHA-1, or whose RSA key is shorter than 2048 bits."""
    device = case.device
    used = {str(use.name) for profile in device.profiles.values() for use in profile.trustpoints}
    for name in sorted(used & device.trustpoints.keys()):
        one = device.trustpoints[name]
        if one.hash is not None and one.hash in ("md5", "sha1"):
            yield Finding(f"trustpoint '{name}' signs with {one.hash}").at(one.hash).about(name, "hash")
        size = one.rsa_key_size
        if size is not None and size.isdecimal() and int(size) < 2048:
            finding = Finding(f"trustpoint '{name}' has an RSA key of {size} bits; 2048 is the least").at(size)
            yield finding.about(name, "key").lowered(Severity.WARNING)


@check("CRY182", on=Scope.DEVICE)
def unchecked_revocation(case: DeviceCase) -> Findings:
    """Certificates of peers that were revoked are still accepted."""
    device = case.device
    used = {str(use.name) for p in device.profiles.values() for use in p.trustpoints if use.role != "sign"}
    for name in sorted(used & device.trustpoints.keys()):
        one = device.trustpoints[name]
        if one.revocation and one.revocation[0] == "none":
            yield Finding(f"trustpoint '{name}' accepts revoked certificates").at(one.revocation[0]).about(name)
