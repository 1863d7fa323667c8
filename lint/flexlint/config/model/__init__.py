"""The typed model of one router: what its configuration says, every value with its line and column."""

from flexlint.config.model.base import (
    Address as Address,
)
from flexlint.config.model.base import (
    Line as Line,
)
from flexlint.config.model.base import (
    LineKind as LineKind,
)
from flexlint.config.model.base import (
    Network as Network,
)
from flexlint.config.model.base import (
    Secret as Secret,
)
from flexlint.config.model.base import (
    Stanza as Stanza,
)
from flexlint.config.model.base import (
    Statement as Statement,
)
from flexlint.config.model.base import (
    Unparsed as Unparsed,
)
from flexlint.config.model.base import (
    address_of as address_of,
)
from flexlint.config.model.device import (
    Device as Device,
)
from flexlint.config.model.ikev2 import (
    AUTHORIZATION_KEYWORD as AUTHORIZATION_KEYWORD,
)
from flexlint.config.model.ikev2 import (
    Authentication as Authentication,
)
from flexlint.config.model.ikev2 import (
    Authorization as Authorization,
)
from flexlint.config.model.ikev2 import (
    AuthorizationPolicy as AuthorizationPolicy,
)
from flexlint.config.model.ikev2 import (
    ClientPeer as ClientPeer,
)
from flexlint.config.model.ikev2 import (
    ClientSource as ClientSource,
)
from flexlint.config.model.ikev2 import (
    Dpd as Dpd,
)
from flexlint.config.model.ikev2 import (
    FlexClient as FlexClient,
)
from flexlint.config.model.ikev2 import (
    IdentityKind as IdentityKind,
)
from flexlint.config.model.ikev2 import (
    IdentityMatch as IdentityMatch,
)
from flexlint.config.model.ikev2 import (
    Keyring as Keyring,
)
from flexlint.config.model.ikev2 import (
    LocalMatch as LocalMatch,
)
from flexlint.config.model.ikev2 import (
    Method as Method,
)
from flexlint.config.model.ikev2 import (
    MethodList as MethodList,
)
from flexlint.config.model.ikev2 import (
    NameMangler as NameMangler,
)
from flexlint.config.model.ikev2 import (
    PeerBlock as PeerBlock,
)
from flexlint.config.model.ikev2 import (
    Policy as Policy,
)
from flexlint.config.model.ikev2 import (
    Ppk as Ppk,
)
from flexlint.config.model.ikev2 import (
    Profile as Profile,
)
from flexlint.config.model.ikev2 import (
    Proposal as Proposal,
)
from flexlint.config.model.ikev2 import (
    RouteSet as RouteSet,
)
from flexlint.config.model.ikev2 import (
    TrustpointUse as TrustpointUse,
)
from flexlint.config.model.ipsec import (
    CertificateMapEntry as CertificateMapEntry,
)
from flexlint.config.model.ipsec import (
    Criterion as Criterion,
)
from flexlint.config.model.ipsec import (
    CryptoMapEntry as CryptoMapEntry,
)
from flexlint.config.model.ipsec import (
    IpsecProfile as IpsecProfile,
)
from flexlint.config.model.ipsec import (
    Transform as Transform,
)
from flexlint.config.model.ipsec import (
    TransformSet as TransformSet,
)
from flexlint.config.model.ipsec import (
    Trustpoint as Trustpoint,
)
from flexlint.config.model.network import (
    AaaList as AaaList,
)
from flexlint.config.model.network import (
    AccessList as AccessList,
)
from flexlint.config.model.network import (
    AttributeList as AttributeList,
)
from flexlint.config.model.network import (
    Interface as Interface,
)
from flexlint.config.model.network import (
    Other as Other,
)
from flexlint.config.model.network import (
    Pool as Pool,
)
from flexlint.config.model.network import (
    PoolRange as PoolRange,
)
from flexlint.config.model.network import (
    Protection as Protection,
)
from flexlint.config.model.network import (
    RadiusServer as RadiusServer,
)
from flexlint.config.model.network import (
    RouteMap as RouteMap,
)
from flexlint.config.model.network import (
    ServerGroup as ServerGroup,
)
from flexlint.config.model.network import (
    Track as Track,
)
from flexlint.config.model.network import (
    Username as Username,
)
from flexlint.config.model.network import (
    Vrf as Vrf,
)
