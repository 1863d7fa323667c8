"""Statements of the `crypto ikev2` stanzas to the objects of the model.

Comes in: an object and one reading. Each function sets what its kind of statement says, as IOS does: lists of
algorithms replace, singletons are overwritten by the last line, other lines add. `no` lines do not come here, but for
what IOS does unless told not to.
"""

from __future__ import annotations

from flexlint.config.building import Reading, ipv6_network, network_of
from flexlint.config.model import (
    Authentication,
    Authorization,
    AuthorizationPolicy,
    ClientPeer,
    ClientSource,
    Dpd,
    FlexClient,
    IdentityKind,
    Keyring,
    Method,
    MethodList,
    NameMangler,
    PeerBlock,
    Policy,
    Ppk,
    Profile,
    Proposal,
    RouteSet,
    TrustpointUse,
)
from flexlint.place import Word

_LISTS = ("encryption", "integrity", "prf", "group")


def proposal(one: Proposal, said: Reading) -> None:
    kind = said.command.kind
    if kind in _LISTS:
        setattr(one, kind, said.all_words(1))  # V: a new line replaces the list
    elif kind == "pqc":
        one.pqc = [w for w in said.all_words(1) if w != "optional"]
        one.pqc_optional = said.has("optional")


def policy(one: Policy, said: Reading) -> None:
    kind, words = said.command.kind, said.words()
    if kind == "proposal":
        one.proposals.append(words[0])
    elif kind == "match_fvrf":
        one.fvrf = words[0]
    elif kind == "match_address_local" and (match := said.local_match()):
        one.local_addresses.append(match)


def keyring(one: Keyring, said: Reading) -> None:
    """Peer blocks are stanzas of their own; nothing else of a keyring matters."""


def peer(one: PeerBlock, said: Reading) -> None:
    kind, words = said.command.kind, said.words()
    if kind == "address":
        one.address = words[0]
        # V: a mask of 255.255.255.255 is not printed, so that no mask is a host entry.
        one.network = network_of(words[0], words[1] if len(words) > 1 else None)
    elif kind == "hostname":
        one.hostname = words[0]
    elif kind == "identity":
        one.identity = said.identity(1)
    elif kind == "key":
        one.key = said.secret()
    elif kind == "local_key":
        one.local_key = said.secret()
    elif kind == "remote_key":
        one.remote_key = said.secret()
    elif kind == "ppk":
        one.ppk = _ppk(said)


def _ppk(said: Reading) -> Ppk:
    text = next((p for p in said.command.pieces if p.terminal in ("TEXT", "PLACEHOLDER")), None)
    if said.has("dynamic") or text is None:
        return Ppk(None, None, said.has("required"), said.line)
    # V: Cisco-IOS-XE-crypto.yang. `0 KEY`, `6 KEY`, `hex KEY` and `required` behind it come as one piece of text.
    words, rest = text.text.split(), text.text
    required = len(words) > 1 and words[-1].lower() == "required"
    lead = words[0] if len(words) > 1 + required and words[0].lower() in ("0", "6", "hex") else ""
    rest = rest[len(lead) :].lstrip()
    column = text.column + len(text.text) - len(rest)
    rest = (rest.rstrip()[: -len("required")] if required else rest).rstrip()
    key = said.secret_of(text._replace(text=rest, column=column), lead if lead.isdigit() else "", lead.lower() == "hex")
    return Ppk(said.after("id"), key, required, said.line)


_METHODS = {m.value: m for m in Method}


def _authentication(said: Reading) -> Authentication | None:
    pieces = said.command.pieces
    if len(pieces) < 3:
        return None
    piece = pieces[2]
    method = _METHODS.get(piece.text)
    if method is None:
        near = [m for name, m in _METHODS.items() if name.startswith(piece.text.lower())]
        method = near[0] if len(near) == 1 else Method.OTHER
    key = said.secret() if method is Method.PSK and len(pieces) > 3 else None
    return Authentication(method, said.word(piece), key, said.has("query-identity"), said.line)


def profile(one: Profile, said: Reading) -> None:
    kind, words = said.command.kind, said.words()
    if kind in ON_UNLESS_NEGATED:
        setattr(one, kind, not said.statement.negated)
    elif kind in ("shutdown", "dynamic"):
        setattr(one, kind, said.statement)
    elif kind == "match_fvrf":
        one.fvrf = words[0]
    elif kind in ("match_address_local", "match_address_local_interface"):
        if match := said.local_match():
            one.local_addresses.append(match)
    elif kind == "match_certificate":
        one.certificate_maps.append(words[0])
    elif kind == "match_identity":
        one.identities.append(said.identity(3))
    elif kind == "identity_local":
        one.identity_local_kind = IdentityKind(said.command.pieces[2].text)
        one.identity_local = words[0] if words else None
        one.identity_local_line = said.line
    elif kind in ("authentication_local", "authentication_remote"):
        if authentication := _authentication(said):
            (one.local_auth if kind == "authentication_local" else one.remote_auth).append(authentication)
    elif kind in _SINGLE:
        setattr(one, _SINGLE[kind], words[0])
        if kind == "virtual_template":
            one.mode_auto = said.has("auto")
    else:
        _profile_lists(one, said, words)


# On without being told; the only lines whose `no` form says more than that something is not set.
ON_UNLESS_NEGATED = frozenset({"config_exchange_request", "config_exchange_set_send", "config_exchange_set_accept"})
_SINGLE = {
    "keyring_local": "keyring",
    "keyring_ppk": "keyring_ppk",
    "virtual_template": "virtual_template",
    "ivrf": "ivrf",
    "lifetime": "lifetime",
    "anyconnect_profile": "anyconnect_profile",
}


def _profile_lists(one: Profile, said: Reading, words: list[Word]) -> None:
    kind = said.command.kind
    if kind == "keyring_aaa":
        one.keyring_aaa = words[0]
        one.keyring_aaa_mangler = said.after("name-mangler")
        one.keyring_aaa_password = said.has("password")
    elif kind == "trustpoint":
        role = "sign" if said.has("sign") else "verify" if said.has("verify") else "both"
        one.trustpoints.append(TrustpointUse(words[0], role, said.line))
    elif kind in ("aaa_authentication", "aaa_accounting"):
        lists = one.authentication_lists if kind == "aaa_authentication" else one.accounting_lists
        lists.append(MethodList(_method(said), words[0], said.line))
    elif kind in ("aaa_group", "aaa_user"):
        one.authorizations.append(_authorization(said))
    elif kind == "match_inbound_only":
        one.inbound_only = True
    elif kind == "dpd":
        mode = next(said.word(p) for p in said.command.pieces if p.text in ("on-demand", "periodic"))
        one.dpd = Dpd(words[0], words[1], mode, said.line)


def _method(said: Reading) -> Word | None:
    """The method keyword: `psk`, `eap`, `cert`, `anyconnect-eap`."""
    for piece in said.command.pieces[2:]:
        if not piece.terminal and piece.text in ("psk", "eap", "cert", "anyconnect-eap"):
            return said.word(piece)
        if not piece.terminal and piece.text in ("list", "cached"):
            break
    return None


def _authorization(said: Reading) -> Authorization:
    name_piece = None
    pieces = said.command.pieces
    at = next((n for n, p in enumerate(pieces) if not p.terminal and p.text == "list"), len(pieces))
    for before, piece in zip(pieces[at + 1 :], pieces[at + 2 :], strict=False):
        if piece.terminal and before.terminal and piece.terminal != "TEXT":
            name_piece = piece
            break
    return Authorization(
        scope="group" if said.command.kind == "aaa_group" else "user",
        method=_method(said),
        list=said.after("list"),
        name=said.word(name_piece) if name_piece else None,
        mangler=said.after("name-mangler"),
        override=said.has("override"),
        cached=said.has("cached"),
        has_password=said.has("password"),
        line=said.line,
    )


def authorization_policy(one: AuthorizationPolicy, said: Reading) -> None:
    kind, words = said.command.kind, said.words()
    if kind in ("pool", "ipv6_pool", "netmask", "attribute_list", "def_domain"):
        setattr(one, kind, words[0])
    elif kind == "dns":
        one.dns = words
    elif kind == "route_interface":
        one.route_sets.append(RouteSet("interface", said.interface(), None, said.line))
    elif kind in ("route_acl", "route_acl_ipv6"):
        what = "access-list" if kind == "route_acl" else "access-list-ipv6"
        one.route_sets.append(RouteSet(what, words[0], None, said.line))
    elif kind in ("route_remote", "route_local"):
        network = ipv6_network(words[0]) if "/" in words[0] else network_of(words[0], words[1])
        one.route_sets.append(RouteSet(kind.removeprefix("route_"), words[0], network, said.line))
    elif kind == "route_accept":
        one.route_accept = said.statement
    elif kind == "route_accept_map":
        one.route_accept_map = words[0]
        one.route_accept = said.statement


def name_mangler(one: NameMangler, said: Reading) -> None:
    said.statement.words = tuple(said.word(p) for p in said.command.pieces[1:])  # keywords of the grammar
    one.rules[said.command.kind] = said.statement


def flexvpn_client(one: FlexClient, said: Reading) -> None:
    kind, words = said.command.kind, said.words()
    if kind == "peer":
        one.peers.append(ClientPeer(words[0], words[1], said.has("fqdn"), said.after("track"), said.line))
    elif kind == "source":
        interface = said.interface()
        if interface is not None:
            one.sources.append(ClientSource(words[0], interface, said.after("track"), said.line))
    elif kind == "client_connect":
        one.tunnel = said.interface()
    elif kind == "client_inside" and (inside := said.interface()) is not None:
        one.inside.append(inside)
    elif kind == "connect":
        one.connect = "track" if said.has("track") else "manual" if said.has("manual") else "auto"
        one.connect_track = said.after("track")
