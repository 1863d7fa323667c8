"""Which lines of a configuration account for what a router did.

Comes in: a negotiation, the configuration of its router, and one of its events. Goes out: the places in the
configuration that the event is the effect of: the profile that was found, the line whose key was used. Nothing here
judges whether the two fit; a name the configuration does not have has no place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from ipaddress import ip_address
from typing import TYPE_CHECKING, TypeVar

from flexlint.config.model import AuthorizationPolicy, Device, Interface, PeerBlock, Pool, Stanza
from flexlint.place import Located, Place

if TYPE_CHECKING:
    from flexlint.log.events import Event
    from flexlint.log.model import Negotiation
    from flexlint.predict.model import Prediction

SHOWN = 4  # places of one event

T = TypeVar("T", bound=Stanza)


class Accounts:
    """The objects of one configuration that one negotiation used, and what each of its events came from."""

    def __init__(self, negotiation: Negotiation, device: Device, prediction: Prediction | None = None) -> None:
        """`prediction` is made from the configuration when it is not given; it adds the identity line that matched."""
        self._negotiation = negotiation
        self._device = device
        self._prediction = prediction if prediction is not None else _predicted(negotiation, device)
        self.profile = _named(device.profiles, negotiation.profile)
        self.keyring = _named(device.keyrings, negotiation.keyring)
        self.policy = _named(device.policies, negotiation.policy)

    def of(self, event: Event) -> list[Place]:
        """Places in the configuration, the most telling first; none where the configuration has no say."""
        source = _SOURCES.get(event.message)
        if source is None:
            return []
        places: list[Place] = []
        for located in source(self, event):
            place = located.place()
            if place.line and (place.path, place.line) not in {(p.path, p.line) for p in places}:
                places.append(place)
        return places[:SHOWN]

    # ---- one function a kind of event -------------------------------------------------------------------------------

    def _profile_found(self, event: Event) -> Iterator[Located]:
        profile = _named(self._device.profiles, event.fields.get("profile"))
        if profile is not None:
            yield profile
            choice = self._prediction.profile
            if choice.chosen is profile and choice.because is not None:
                yield choice.because

    def _profile_missing(self, event: Event) -> Iterator[Located]:
        for rejected in self._prediction.profile.rejected:
            yield rejected.at

    def _keyring_asked(self, event: Event) -> Iterator[Located]:
        if self.profile is not None and self.profile.keyring == event.fields["keyring"]:
            yield self.profile.keyring
        if (keyring := _named(self._device.keyrings, event.fields["keyring"])) is not None:
            yield keyring

    def _block(self) -> PeerBlock | None:
        keyring = self.keyring
        wanted = self._negotiation.peer_block
        return next((b for b in keyring.peers if b.name == wanted), None) if keyring is not None else None

    def _block_matched(self, event: Event) -> Iterator[Located]:
        if (block := self._block()) is not None:
            yield block
            if block.address is not None:
                yield block.address
            if block.identity is not None:
                yield block.identity

    def _key_used(self, event: Event) -> Iterator[Located]:
        block = self._block()
        if block is None:
            return
        own = next((k.own for k in self._negotiation.keys if k.length.line == event.line), None)
        keys = {True: block.local_key, False: block.remote_key, None: None}
        key = keys[own] or block.key
        if key is not None:
            yield key

    def _policy_found(self, event: Event) -> Iterator[Located]:
        policy = _named(self._device.policies, event.fields.get("policy"))
        if policy is not None:
            yield policy
            yield from policy.proposals

    def _proposals(self, event: Event) -> Iterator[Located]:
        for name in self.policy.proposals if self.policy is not None else ():
            if (proposal := _named(self._device.proposals, name)) is not None:
                yield proposal

    def _peer_method(self, event: Event) -> Iterator[Located]:
        yield from self.profile.remote_auth if self.profile is not None else ()

    def _own_method(self, event: Event) -> Iterator[Located]:
        yield from self.profile.local_auth[-1:] if self.profile is not None else ()

    def _own_identity(self, event: Event) -> Iterator[Located]:
        if self.profile is not None and self.profile.identity_local_line is not None:
            yield self.profile.identity_local_line

    def _trustpoints(self, event: Event) -> Iterator[Located]:
        for use in self.profile.trustpoints if self.profile is not None else ():
            yield use.line

    def _authorization_asked(self, event: Event) -> Iterator[Located]:
        scope = "group" if event.message == "M182" else "user"
        if self.profile is not None:
            for line in self.profile.authorizations:
                if line.scope == scope and line.list == event.fields["list"]:
                    yield line
        if (aaa := self._device.aaa_lists.get(("authorization network", event.fields["list"]))) is not None:
            yield aaa
        if (policy := self._authorization_policy(event.fields["name"])) is not None:
            yield policy

    def _authorization_policy(self, name: str) -> AuthorizationPolicy | None:
        words = name.split()
        return _named(self._device.authorization_policies, words[0]) if words else None

    def _policies(self) -> Iterator[AuthorizationPolicy]:
        for asked in self._negotiation.authorizations:
            if (policy := self._authorization_policy(asked.name)) is not None:
                yield policy

    def _attribute(self, event: Event) -> Iterator[Located]:
        name, value = event.fields["name"], event.fields.get("value", "")
        if any(a.sent is False and a.value.line == event.line for a in self._negotiation.attributes):
            return  # what the peer sent, its configuration accounts for
        for policy in self._policies():
            if name == "ipv4-addr" and value and policy.pool is not None:
                yield policy.pool
                yield from _range(_named(self._device.pools, policy.pool), value)
            elif name == "ipv4-subnet" and value:
                for route in policy.route_sets:
                    yield route.line

    def _template(self) -> Interface | None:
        number = self.profile.virtual_template if self.profile is not None else None
        return self._device.interfaces.get(f"Virtual-Template{number}") if number is not None else None

    def _interface(self, event: Event) -> Iterator[Located]:
        name = event.fields.get("interface", "")
        if name.startswith("Virtual-Access"):
            if self.profile is not None and self.profile.virtual_template is not None:
                yield self.profile.virtual_template
            if (template := self._template()) is not None:
                yield template
        elif (interface := self._device.interfaces.get(name)) is not None:
            yield interface

    def _child(self, event: Event) -> Iterator[Located]:
        interface = self._template() or self._prediction.template.chosen
        protection = interface.protection if interface is not None else None
        if protection is None:
            return
        yield protection.line
        profile = _named(self._device.ipsec_profiles, protection.profile)
        if profile is None:
            return
        if profile.ikev2_profile is not None and event.message == "M235":
            yield profile.ikev2_profile
        for name in profile.transform_sets:
            if (found := _named(self._device.transform_sets, name)) is not None:
                yield found

    def _esp_or_ike(self, event: Event) -> Iterator[Located]:
        yield from self._child(event) if event.message in ("M069", "M106") else self._proposals(event)

    def _lifetime(self, event: Event) -> Iterator[Located]:
        if self.profile is not None and self.profile.lifetime is not None:
            yield self.profile.lifetime

    def _dpd(self, event: Event) -> Iterator[Located]:
        if self.profile is not None and self.profile.dpd is not None:
            yield self.profile.dpd.line

    def _eap_list(self, event: Event) -> Iterator[Located]:
        for use in self.profile.authentication_lists if self.profile is not None else ():
            if use.list == event.fields["list"]:
                yield use.line
        if (aaa := self._device.aaa_lists.get(("authentication login", event.fields["list"]))) is not None:
            yield aaa


def _named(objects: dict[str, T], name: str | None) -> T | None:
    found = objects.get(str(name)) if name else None
    return None if found is None or found.implicit else found


def _range(pool: Pool | None, value: str) -> Iterator[Located]:
    """The range of the pool that holds the address."""
    try:
        address = int(ip_address(value.split()[0]))
    except (ValueError, IndexError):
        return
    for one in pool.ranges if pool is not None else ():
        if int(one.low) <= address <= int(one.high):
            yield one.line


def _predicted(negotiation: Negotiation, device: Device) -> Prediction:
    from flexlint.judging.observe import facts_of
    from flexlint.predict import predict

    return predict(device, facts_of(negotiation, device))


_Source = Callable[[Accounts, "Event"], Iterator[Located]]
_SOURCES: dict[str, _Source] = {
    "M023": Accounts._keyring_asked,
    "M025": Accounts._block_matched,
    "M029": Accounts._policy_found,
    "M031": Accounts._profile_found,
    "M044": Accounts._proposals,
    "M066": Accounts._proposals,
    "M069": Accounts._esp_or_ike,
    "M094": Accounts._attribute,
    "M098": Accounts._key_used,
    "M102": Accounts._own_method,
    "M104": Accounts._own_identity,
    "M105": Accounts._own_identity,
    "M106": Accounts._esp_or_ike,
    "M112": Accounts._profile_found,
    "M113": Accounts._profile_found,
    "M115": Accounts._profile_missing,
    "M122": Accounts._peer_method,
    "M123": Accounts._peer_method,
    "M139": Accounts._trustpoints,
    "M169": Accounts._eap_list,
    "M179": Accounts._eap_list,
    "M182": Accounts._authorization_asked,
    "M183": Accounts._authorization_asked,
    "M221": Accounts._interface,
    "M224": Accounts._interface,
    "M225": Accounts._interface,
    "M226": Accounts._interface,
    "M235": Accounts._child,
    "M236": Accounts._child,
    "M238": Accounts._child,
    "M262": Accounts._lifetime,
    "M266": Accounts._dpd,
}
