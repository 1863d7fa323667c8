"""Address pools and the routes an authorization policy sends.

Comes in: a device. Goes out: findings TUN140 to TUN143. Whether a pool or an access list exists is said in
`references.py`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from ipaddress import IPv4Address

from flexlint.config.model import IdentityKind, PeerBlock, Pool, PoolRange
from flexlint.finding import Finding
from flexlint.rulebook import DeviceCase, Findings, Scope, check


@check("TUN140", on=Scope.DEVICE)
def overlapping_pools(case: DeviceCase) -> Findings:
    """R: IOS keeps the pools of one group apart; the same address could go to two peers."""
    groups: dict[str, list[tuple[Pool, PoolRange]]] = defaultdict(list)
    for pool in case.device.pools.values():
        for one in pool.ranges:
            if int(one.low) <= int(one.high):
                groups[one.group].append((pool, one))
    for ranges in groups.values():
        ranges.sort(key=lambda pair: int(pair[1].low))
        widest: tuple[Pool, PoolRange] | None = None
        for pool, one in ranges:
            if widest is not None and int(one.low) <= int(widest[1].high):
                later, earlier = (pool, one), widest
                if later[1].line.number < earlier[1].line.number:
                    later, earlier = earlier, later
                if later[1].low == earlier[1].low and later[1].high == earlier[1].high and later[0] is earlier[0]:
                    continue  # the same line twice
                yield (
                    Finding(f"pool '{later[0].name}' overlaps pool '{earlier[0].name}': both hold {one.low}")
                    .at(later[1].first)
                    .also(earlier[1].first)
                    .about(later[0].name, earlier[0].name)
                )
            if widest is None or int(one.high) > int(widest[1].high):
                widest = (pool, one)


@check("TUN141", on=Scope.DEVICE)
def reversed_pool(case: DeviceCase) -> Findings:
    """A pool whose last address comes before its first."""
    for pool in case.device.pools.values():
        for one in pool.ranges:
            if one.last is not None and int(one.low) > int(one.high):
                yield (
                    Finding(f"pool '{pool.name}' ends at {one.high}, before its first address {one.low}")
                    .at(one.last)
                    .about(pool.name, one.low)
                )


@check("AZN141", on=Scope.DEVICE)
def pool_smaller_than_keyring(case: DeviceCase) -> Findings:
    """V: a session for which the pool has no address left is dropped."""
    device = case.device
    for profile in device.profiles.values():
        keyring = device.keyrings.get(profile.keyring or "")
        peers = [one for one in keyring.peers if _is_one_peer(one)] if keyring is not None else []
        for line in profile.authorizations if peers else ():
            one = device.aaa_lists.get(("authorization network", line.list or ""))
            policy = device.authorization_policies.get(line.name or "")
            pool = device.pools.get(policy.pool or "") if policy is not None else None
            if keyring is None or one is None or list(one.methods) != ["local"] or policy is None or pool is None:
                continue
            size = sum(int(r.high) - int(r.low) + 1 for r in pool.ranges if int(r.low) <= int(r.high))
            if 0 < size < len(peers) and line.scope == "group":
                yield (
                    Finding(
                        f"pool '{pool.name}' has {size} address{'es' if size > 1 else ''} for the {len(peers)} peers "
                        f"of keyring '{keyring.name}': the last to come are dropped"
                    )
                    .at(pool.ranges[0].first)
                    .also(policy.pool)
                    .also(keyring.name, "the peers")
                    .about(pool.name, keyring.name)
                )


def _is_one_peer(block: PeerBlock) -> bool:
    """Whether the block is for one peer that identifies itself, and is not another name of many."""
    if block.identity is not None:
        network = block.identity.network
        is_host = network is None or network.prefixlen == network.max_prefixlen
        return not block.identity.domain and block.identity.kind is not IdentityKind.ANY and is_host
    return block.network is not None and block.network.prefixlen == block.network.max_prefixlen


@check("TUN142", on=Scope.DEVICE)
def pool_with_own_address(case: DeviceCase) -> Findings:
    """A pool that hands out an address of this router."""
    device = case.device
    named = {str(policy.pool) for policy in device.authorization_policies.values() if policy.pool is not None}
    own = sorted(
        (
            (int(address), word, interface)
            for interface in device.interfaces.values()
            if interface.vrf is None
            for word, address, _ in interface.addresses
        ),
        key=lambda one: one[0],
    )
    for pool in device.pools.values():
        if pool.name not in named:  # pools of PPP and DHCP have their own customs
            continue
        for held in pool.ranges:
            first = bisect_left(own, int(held.low), key=lambda one: one[0])
            for address, word, interface in own[first : bisect_right(own, int(held.high), key=lambda one: one[0])]:
                yield (
                    Finding(f"pool '{pool.name}' hands out {IPv4Address(address)}, the address of {interface.name}")
                    .at(pool.ranges[0].first)
                    .also(word)
                    .about(pool.name, interface.name)
                )


@check("TUN143", on=Scope.DEVICE)
def routes_from_extended_list(case: DeviceCase) -> Findings:
    """R: IPv4 routes are taken from the prefixes of a standard access list."""
    device = case.device
    for policy in device.authorization_policies.values():
        for route in policy.route_sets:
            listing = device.access_lists.get(route.word or "") if route.kind == "access-list" else None
            if listing is not None and route.word is not None and listing.kind == "extended":
                yield (
                    Finding(f"policy '{policy.name}' takes routes from access list '{listing.name}', which is extended")
                    .at(route.word)
                    .also(listing.name)
                    .about(policy.name, listing.name)
                )
