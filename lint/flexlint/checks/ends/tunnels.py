"""Whether the traffic of both ends fits: transform-sets, PFS, tunnel modes, inside addresses, shortcuts.

Comes in: two devices. Goes out: findings TUN201 to TUN204, CRY101 and AZN201.
"""

from __future__ import annotations

from collections.abc import Iterator

from flexlint.checks.device.wording import doubtful
from flexlint.checks.ends.links import Link, links
from flexlint.config.defaults import transform_sets_of
from flexlint.config.model import Interface, IpsecProfile, TransformSet
from flexlint.finding import Confidence, Finding, Severity
from flexlint.place import Located
from flexlint.predict.locality import addresses_of
from flexlint.predict.model import Sureness
from flexlint.rulebook import EndsCase, Findings, Scope, check


def _ends(case: EndsCase) -> Iterator[tuple[Link, Interface, Interface]]:
    """Each link with both interfaces, where they are known."""
    for link in links(case):
        if link.start.tunnel is not None and link.end is not None:
            yield link, link.start.tunnel, link.end


def _ipsec(link: Link, one: Interface, is_here: bool) -> IpsecProfile | None:
    device = link.device if is_here else link.other
    return device.ipsec_profiles.get(one.protection.profile) if one.protection is not None else None


_SPELLINGS = {
    "esp-192-aes": "esp-aes 192",
    "esp-256-aes": "esp-aes 256",
    "esp-aes": "esp-aes 128",
    "esp-gcm": "esp-gcm 128",
}


def transforms_in(one: TransformSet) -> frozenset[str]:
    """The transforms with their key sizes; `esp-aes` alone is 128 bits (V)."""
    found = (f"{t.word} {t.size or ''}".strip().lower() for t in one.transforms)
    return frozenset(_SPELLINGS.get(text, text) for text in found if text != "comp-lzs")


def shown_sets(sets: list[TransformSet]) -> str:
    return " or ".join(" ".join(sorted(transforms_in(one))) for one in sets[:3])


@check("TUN201", on=Scope.ENDS)
def other_transforms(case: EndsCase) -> Findings:
    """No transform-set of one end is one of the other's."""
    for link, here, there in _ends(case):
        ours, theirs = _ipsec(link, here, True), _ipsec(link, there, False)
        if ours is None or theirs is None:
            continue
        mine, its = transform_sets_of(link.device, ours), transform_sets_of(link.other, theirs)
        complete = len(mine) >= len(ours.transform_sets) and len(its) >= len(theirs.transform_sets)
        if not mine or not its or not complete or {transforms_in(t) for t in mine} & {transforms_in(t) for t in its}:
            continue
        if doubtful(link.device, ours) or doubtful(link.other, theirs):
            continue
        finding = Finding(
            f"no transform-set of {here.name} is one of the other end's {there.name}: "
            f"{shown_sets(mine)} here, {shown_sets(its)} there"
        )
        finding.at(_at(mine, ours)).also(_at(its, theirs), "there").about(*link.name, ours.name)
        yield finding


def _at(sets: list[TransformSet], ipsec: IpsecProfile) -> Located:
    return ipsec if sets[0].implicit else sets[0]


@check("TUN206", on=Scope.ENDS)
def transport_mode_refused(case: EndsCase) -> Findings:
    """RFC 7296, 1.3.1: who declines transport mode answers in tunnel mode, and `require` takes no such answer."""
    for link, here, there in _ends(case):
        ours, theirs = _ipsec(link, here, True), _ipsec(link, there, False)
        if ours is None or theirs is None or doubtful(link.device, ours) or doubtful(link.other, theirs):
            continue
        mine, its = transform_sets_of(link.device, ours), transform_sets_of(link.other, theirs)
        for insisting, declining in ((mine, its), (its, mine)):
            line = insisting[0].mode_line if insisting else None
            refusal = declining[0].mode_line if declining else None
            if line is None or refusal is None or not all(_insists(one) for one in insisting):
                continue
            if all(one.mode == "tunnel" and one.mode_line is not None for one in declining):
                yield (
                    Finding(
                        f"transform-set '{insisting[0].name}' insists on transport mode, "
                        f"and '{declining[0].name}' of the other end is for tunnel mode"
                    )
                    .at(line)
                    .also(refusal, "tunnel mode there")
                    .about(*link.name, "mode")
                )


def _insists(one: TransformSet) -> bool:
    return one.mode == "transport" and one.mode_require


@check("CRY101", on=Scope.ENDS)
def other_pfs(case: EndsCase) -> Findings:
    """PFS plays no part when the session comes up, and fails at the first rekey (RFC 7296 section 1.3.1)."""
    for link, here, there in _ends(case):
        ours, theirs = _ipsec(link, here, True), _ipsec(link, there, False)
        if ours is None or theirs is None or doubtful(link.device, ours) or doubtful(link.other, theirs):
            continue
        mine, its = str(ours.pfs or "").lower(), str(theirs.pfs or "").lower()
        if mine == its or (ours.pfs_line is not None and not mine) or (theirs.pfs_line is not None and not its):
            continue  # a bare `set pfs` means another group in another release
        finding = Finding(
            f"IPsec profile '{ours.name}' asks for {f'PFS {mine}' if mine else 'no PFS'}, "
            f"the other end's '{theirs.name}' for {f'PFS {its}' if its else 'none'}"
        )
        finding.at(ours.pfs or ours).also(theirs.pfs or theirs, "there").about(*link.name, ours.name)
        if not (mine and its):  # R: an end without PFS takes what it is offered
            finding.lowered(Severity.NOTE, Confidence.LOW)
        yield finding


def carries(one: Interface) -> str:
    return "ipsec" if (one.tunnel_mode or "").startswith("ipsec") else "gre"


@check("TUN202", on=Scope.ENDS)
def other_tunnel_mode(case: EndsCase) -> Findings:
    """GRE offers selectors of protocol 47 between two hosts, IPsec tunnels from any to any."""
    for link, here, there in _ends(case):
        answering = link.responder
        if there.is_template and (answering is None or answering.mode_auto):
            continue
        if carries(here) == carries(there) or doubtful(link.device, here) or doubtful(link.other, there):
            continue
        finding = Finding(
            f"{here.name} has mode {here.tunnel_mode or 'gre ip (the default)'}, "
            f"the other end's {there.name} {there.tunnel_mode or 'gre ip (the default)'}"
        )
        finding.at(here.tunnel_mode or here.name).also(there.tunnel_mode or there.name, "there")
        yield finding.about(*link.name, here.name)


@check("TUN203", on=Scope.ENDS)
def same_inside_address(case: EndsCase) -> Findings:
    """Both ends of a tunnel have the same inside address."""
    for link, here, there in _ends(case):
        ours, theirs = addresses_of(link.device, here), addresses_of(link.other, there)
        both = next((address for address in ours or () if address in (theirs or ())), None)
        if both is not None:
            yield (
                Finding(f"{here.name} and the other end's {there.name} both have address {both}")
                .at(here.addresses[0][0] if here.addresses else here.unnumbered or here)
                .also(there.addresses[0][0] if there.addresses else there.unnumbered or there, "there")
                .about(*link.name, here.name)
            )


def _says(one: Interface, kind: str) -> Located | None:
    said = one.said(kind)
    return said[0] if said else None


@check("TUN204", on=Scope.ENDS)
def hub_without_redirect(case: EndsCase) -> Findings:
    """V: a spoke builds a shortcut when the hub tells it to, by `ip nhrp redirect`."""
    for link, here, there in _ends(case):
        asked = _says(here, "nhrp_shortcut")
        leads_on = there.is_template or "multipoint" in (there.tunnel_mode or "")
        if asked is None or not leads_on or _says(there, "nhrp_redirect") is not None or doubtful(link.other, there):
            continue
        finding = Finding(f"{here.name} builds NHRP shortcuts, but the other end's {there.name} never redirects it")
        finding.at(asked).also(there.name, "no `ip nhrp redirect` there").about(*link.name, here.name)
        yield finding


@check("AZN201", on=Scope.ENDS)
def address_nobody_gives(case: EndsCase) -> Findings:
    """The initiator waits for an address, and the other end has none for it."""
    for link, here, _ in _ends(case):
        asked, answer = here.address_negotiated, link.answer
        answering = link.responder
        if asked is None or answering is None or link.facts.method is None or doubtful(link.other, answering):
            continue
        if not answering.authorizations and answering.keyring_aaa is None:
            finding = Finding(
                f"{here.name} waits for an address, but the other end's profile '{answering.name}' authorizes nobody"
            )
            yield finding.at(asked).also(answering.name, "no `aaa authorization` there").about(*link.name, here.name)
            continue
        policy, choice = answer.authorization_policy.chosen, answer.authorization_policy
        users = answer.user_authorization.chosen is not None
        if policy is None or choice.sureness is not Sureness.SURE or users or doubtful(link.other, policy):
            continue
        one = answer.aaa_list.chosen
        if one is None or one.groups or policy.pool or policy.ipv6_pool or policy.attribute_list or policy.said("dhcp"):
            continue
        finding = Finding(
            f"{here.name} waits for an address, but the other end's authorization policy '{policy.name}' has no pool"
        )
        yield finding.at(asked).also(policy.name, "no `pool` there").about(*link.name, here.name)
