"""The whole chain of choices for one peer, in the order in which IOS makes them.

Comes in: a device and `PeerFacts`, perhaps with choices already known. Goes out: `Prediction`. Each step is a function
of its own module; here is only their order.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from flexlint.config.model import Device, Keyring, Method, PeerBlock, Policy, Profile
from flexlint.predict.authorization import (
    aaa_list_of,
    authorization_name,
    authorization_policy_of,
    pool_of,
    select_authorization,
)
from flexlint.predict.keys import keyring_of, select_block
from flexlint.predict.model import Choice, PeerFacts, Prediction
from flexlint.predict.policy import select_policy
from flexlint.predict.profile import select_profile
from flexlint.predict.proposals import proposals_of
from flexlint.predict.settling import settle
from flexlint.predict.tunnel import select_ipsec_profile, select_template, transform_sets_of

_NOTHING: Mapping[str, str] = MappingProxyType({})


def predict(device: Device, facts: PeerFacts, assumptions: Mapping[str, str] = _NOTHING) -> Prediction:
    """What the configuration gives a peer that presents these facts. `assumptions` settle contested choices."""
    return chain(device, facts, assumptions)


def chain(
    device: Device,
    facts: PeerFacts,
    assumptions: Mapping[str, str] = _NOTHING,
    profile: Choice[Profile] | None = None,
    keyring: Choice[Keyring] | None = None,
    block: Choice[PeerBlock] | None = None,
    policy: Choice[Policy] | None = None,
) -> Prediction:
    """As `predict`, but a step that is given is taken as it is."""
    out = Prediction(facts)
    out.profile = profile or settle(select_profile(device, facts, assumptions), assumptions)
    out.policy = policy or settle(select_policy(device, facts), assumptions)
    out.proposals = proposals_of(device, out.policy.chosen)
    chosen = out.profile.chosen
    if chosen is None:
        if keyring is not None and keyring.chosen is not None:  # known although the profile is not
            out.keyring = keyring
            out.peer_block = block or settle(select_block(device, keyring.chosen, facts), assumptions)
        out.template = select_template(device, None, facts)
    else:
        if keyring is not None or _may_use_keys(chosen, facts):
            out.keyring = keyring or keyring_of(device, chosen)
            if out.keyring.chosen is not None:
                out.peer_block = block or settle(
                    select_block(device, out.keyring.chosen, facts, assumptions), assumptions
                )
        _authorize(device, chosen, out, assumptions)
        out.template = select_template(device, chosen, facts)
    out.ipsec_profile = select_ipsec_profile(device, out.template.chosen)
    out.transform_sets = transform_sets_of(device, out.ipsec_profile.chosen)
    return out


def _may_use_keys(profile: Profile, facts: PeerFacts) -> bool:
    """Whether a pre-shared key from a keyring comes into play on either side."""
    methods = {one.method for one in (*profile.local_auth, *profile.remote_auth)}
    return Method.PSK in methods or facts.method is Method.PSK


def _authorize(device: Device, profile: Profile, out: Prediction, assumptions: Mapping[str, str]) -> None:
    facts = out.facts
    out.authorization = select_authorization(profile, facts.method, "group")
    out.user_authorization = select_authorization(profile, facts.method, "user")
    line = out.authorization.chosen or out.user_authorization.chosen
    if line is None:
        return
    out.aaa_name, _ = authorization_name(device, line, facts.identity, assumptions)
    out.aaa_list = aaa_list_of(device, line)
    out.authorization_policy = authorization_policy_of(device, out.aaa_list.chosen, out.aaa_name)
    out.pool = pool_of(device, out.authorization_policy.chosen)
