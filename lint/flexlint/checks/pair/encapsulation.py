"""How the packets of a tunnel travel: transport or tunnel mode, and what address translation lets through.

Comes in: a negotiation, the configuration, and the prediction that follows the objects the log names. Goes out:
findings of the family TUN at the transform-sets in force.
"""

from __future__ import annotations

from collections.abc import Iterable

from flexlint.checks.pair.wording import the_peer
from flexlint.config.model import TransformSet
from flexlint.finding import Finding, Silence, Verdict
from flexlint.log.model import Negotiation, Phase, Side
from flexlint.place import Located, Seen
from flexlint.predict.model import Sureness
from flexlint.rulebook import PairCase, Scope, Yielded, check

TRANSPORT = "USE_TRANSPORT_MODE"
# Notifies that IOS sends with the SA payloads of IKE_AUTH: where one of them is printed, the list of payloads is there.
_BESIDE = ("ESP_TFC_NO_SUPPORT", "NON_FIRST_FRAGS")


def _in(notifies: Iterable[Seen], *names: str) -> Seen | None:
    return next((one for one in notifies if one in names), None)


@check("TUN012", on=Scope.PAIR)
def other_mode_negotiated(case: PairCase) -> Yielded:
    """`NOTIFY(USE_TRANSPORT_MODE)` asks for transport mode, or agrees to it (RFC 7296, section 1.3.1); without it the
    child SA is in tunnel mode."""
    negotiation, sets, ipsec = case.negotiation, case.followed.transform_sets, case.followed.ipsec_profile.chosen
    template = case.followed.template
    if not sets or ipsec is None or template.chosen is None or template.sureness is not Sureness.SURE:
        return Silence.NO_EVIDENCE
    if not str(template.chosen.tunnel_mode or "gre ip").startswith("gre"):
        return Silence.NOT_APPLICABLE  # what carries IP itself is in tunnel mode always
    sent, received = (_in(n, TRANSPORT) for n in (negotiation.notifies_sent, negotiation.notifies_received))
    modes = {one.mode for one in sets}
    finding: Finding | None = None
    if sent is not None and modes == {"tunnel"}:
        finding = _contradicted(f"the router negotiated transport mode, but {_sets(sets, ipsec.name)} tunnel mode")
        finding.saw(sent)
    elif negotiation.role is Side.INITIATOR and modes == {"transport"} and sent is None and not negotiation.nat_found:
        beside = _in(negotiation.notifies_sent, *_BESIDE)
        if beside is not None and received is None:
            finding = _contradicted(
                f"the router did not ask for transport mode, but {_sets(sets, ipsec.name)} transport mode"
            )
            finding.saw(beside, f"among these there is no NOTIFY({TRANSPORT})")
    elif received is not None and modes == {"tunnel"} and _answers(negotiation):
        finding = Finding(f"{the_peer(negotiation)} asks for transport mode, but {_sets(sets, ipsec.name)} tunnel mode")
        finding.saw(received).mend(f"add `mode transport` to transform-set {sets[0].name}, or take it off the peer's")
        finding.because("the session falls back to tunnel mode, with one more header in each packet")
        finding.judged(Verdict.DEFECT)
    if finding is None:
        return Silence.SATISFIED
    yield finding.at(_mode_of(sets[0])).also(ipsec, "through this profile").about("mode", ipsec.name, *sorted(modes))
    return None


def _answers(negotiation: Negotiation) -> bool:
    """Whether this router could have agreed: behind NAT there is no transport mode."""
    return negotiation.role is Side.RESPONDER and not negotiation.nat_found


def _contradicted(text: str) -> Finding:
    finding = Finding(text)
    return finding.because("the configuration may have been edited since, or the log is another router's")


def _sets(sets: list[TransformSet], ipsec: str) -> str:
    if len(sets) == 1:
        return f"transform-set '{sets[0].name}' of ipsec profile '{ipsec}' says"
    return f"every transform-set of ipsec profile '{ipsec}' says"


def _mode_of(one: TransformSet) -> Located:
    return one.mode_line or one


@check("TUN015", on=Scope.PAIR)
def authentication_header_through_nat(case: PairCase) -> Yielded:
    """AH signs the addresses that NAT changes: it never passes (RFC 3715, section 2.1)."""
    negotiation, sets, ipsec = case.negotiation, case.followed.transform_sets, case.followed.ipsec_profile.chosen
    if negotiation.nat is None or not sets or ipsec is None:
        return Silence.NO_EVIDENCE
    if not negotiation.nat_found:
        return Silence.SATISFIED
    headers = [next((t for t in one.transforms if t.word.startswith("ah-")), None) for one in sets]
    first = headers[0]
    if first is None or None in headers:
        return Silence.SATISFIED
    finding = Finding(
        f"there is NAT between this router and {the_peer(negotiation)}, and every transform-set of ipsec profile "
        f"'{ipsec.name}' signs the outer addresses with {first.word}: no packet of it gets through"
    )
    finding.at(first.word).saw(negotiation.nat).also(ipsec, "through this profile")
    failure = negotiation.failure
    if failure is None or failure.phase is not Phase.CHILD_SA:
        finding.judged(Verdict.DEFECT)
    else:
        finding.saw(failure.seen)
    finding.mend("authenticate with an `esp-...-hmac` transform or `esp-gcm` instead")
    yield finding.about("ah", ipsec.name)
    return None
