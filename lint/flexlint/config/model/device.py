"""One router: everything that was read from its configuration.

Comes in: objects. Goes out: `Device`. A value that is absent is None or an empty list; defaults of IOS are applied by
`defaults.py` and by `predict`, never stored here, so that "not configured" and "configured to the default" stay apart.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from flexlint.config.model.base import Line, Statement, Unparsed
from flexlint.config.model.ikev2 import AuthorizationPolicy, FlexClient, Keyring, NameMangler, Policy, Profile, Proposal
from flexlint.config.model.ipsec import CertificateMapEntry, CryptoMapEntry, IpsecProfile, TransformSet, Trustpoint
from flexlint.config.model.network import (
    AaaList,
    AccessList,
    AttributeList,
    Interface,
    Other,
    Pool,
    RadiusServer,
    RouteMap,
    ServerGroup,
    Track,
    Username,
    Vrf,
)
from flexlint.fact import fact
from flexlint.place import TextFile, Word

if TYPE_CHECKING:
    from flexlint.config.ccp import ParsedConfiguration


@fact
class Device:
    """Everything read from one configuration. Dictionaries are keyed by name, case kept as IOS keeps it."""

    source: TextFile
    lines: list[Line] = field(default_factory=list)  # top-level lines of the outline
    hostname: Word | None = None
    version: Word | None = None
    proposals: dict[str, Proposal] = field(default_factory=dict)
    policies: dict[str, Policy] = field(default_factory=dict)
    keyrings: dict[str, Keyring] = field(default_factory=dict)
    profiles: dict[str, Profile] = field(default_factory=dict)
    authorization_policies: dict[str, AuthorizationPolicy] = field(default_factory=dict)
    manglers: dict[str, NameMangler] = field(default_factory=dict)
    clients: dict[str, FlexClient] = field(default_factory=dict)
    transform_sets: dict[str, TransformSet] = field(default_factory=dict)
    ipsec_profiles: dict[str, IpsecProfile] = field(default_factory=dict)
    crypto_maps: list[CryptoMapEntry] = field(default_factory=list)
    trustpoints: dict[str, Trustpoint] = field(default_factory=dict)
    certificate_maps: dict[str, list[CertificateMapEntry]] = field(default_factory=dict)
    interfaces: dict[str, Interface] = field(default_factory=dict)
    vrfs: dict[str, Vrf] = field(default_factory=dict)
    aaa_lists: dict[tuple[str, str], AaaList] = field(default_factory=dict)  # (service, name)
    server_groups: dict[str, ServerGroup] = field(default_factory=dict)
    radius_servers: dict[str, RadiusServer] = field(default_factory=dict)
    attribute_lists: dict[str, AttributeList] = field(default_factory=dict)
    usernames: dict[str, Username] = field(default_factory=dict)
    pools: dict[str, Pool] = field(default_factory=dict)
    ipv6_pools: dict[str, Pool] = field(default_factory=dict)
    access_lists: dict[str, AccessList] = field(default_factory=dict)
    route_maps: dict[str, RouteMap] = field(default_factory=dict)
    tracks: dict[str, Track] = field(default_factory=dict)
    others: dict[tuple[str, str], Other] = field(default_factory=dict)  # (kind, name)
    globals: list[Statement] = field(default_factory=list)  # modelled one-line global commands, in file order
    disabled_defaults: dict[str, Line] = field(default_factory=dict)  # "proposal", "policy", ... by `no ... default`
    unparsed: list[Unparsed] = field(default_factory=list)
    remarks: list[Word] = field(default_factory=list)  # behind commands, where IOS knows none
    out_of_scope: int = 0  # lines of stanzas and commands we do not model
    label: str = ""  # what tells the router apart in a file that holds several: its hostname, else its prompt
    not_ios: str = ""  # "asa", "nxos", "iosxr", "junos" ... when the file is another platform's: nothing else is filled

    @classmethod
    def from_ciscoconfparse(cls, parse: ParsedConfiguration, path: str = "<ciscoconfparse>") -> Device:
        """The device an object of ciscoconfparse2 describes: what reading its text gives."""
        from flexlint.config.ccp import from_ciscoconfparse

        return from_ciscoconfparse(parse, path)

    @property
    def aaa_new_model(self) -> Statement | None:
        return self.global_statement("aaa_new_model")

    def global_statement(self, kind: str) -> Statement | None:
        """The last global one-liner of this kind that is not a `no` form."""
        for statement in reversed(self.globals):
            if statement.kind == kind:
                return None if statement.negated else statement
        return None

    @property
    def is_partial(self) -> bool:
        """Whether this is a snippet: no hostname, no version. Undefined references are then warnings, not errors."""
        return self.hostname is None and self.version is None
