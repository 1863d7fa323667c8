"""AAA, servers, pools and access lists: statements, headers included, to the model."""

from __future__ import annotations

from ipaddress import ip_address
from itertools import pairwise

from flexlint.config.building import Reading, ipv6_network, wildcard_network
from flexlint.config.model import AaaList, AccessList, Device, Pool, PoolRange, RadiusServer, ServerGroup
from flexlint.place import Word

SERVICES = {
    "aaa_authentication_login": "authentication login",
    "aaa_authorization_network": "authorization network",
    "aaa_authorization_exec": "authorization exec",
    "aaa_accounting_network": "accounting network",
}


def aaa_list(device: Device, said: Reading) -> None:
    service = SERVICES[said.command.kind]
    name, *methods = said.words()
    if said.statement.negated:
        device.aaa_lists.pop((service, str(name)), None)
        return
    one = AaaList(name, said.line, [said.statement], [said.line], service=service)
    pieces = said.command.pieces
    for before, piece in pairwise(pieces):
        if piece.terminal and not before.terminal and before.text == "group":
            one.groups.append(said.word(piece))
    if service == "accounting network":
        one.groups += [word for keyword, word in pairwise(methods) if keyword == "group"]
        methods = [w for w in methods if w != "group"]
        for line in said.line.children:  # newer releases print one word of the list a line: ` group radius`
            keyword, _, value = line.text.partition(" ")
            if keyword in ("action-type", "group") and value:
                word = Word.at(value.strip(), line.number, line.column + len(keyword) + 1, line.origin)
                methods.append(word)
                one.groups += [word] if keyword == "group" else []
    one.methods = methods
    device.aaa_lists[(service, str(name))] = one


def pool(device: Device, said: Reading) -> None:
    """`ip local pool` adds a range to the pool of that name; the last address absent is a pool of one."""
    words = said.words()
    six = said.command.kind == "ipv6_local_pool"
    pools = device.ipv6_pools if six else device.pools
    name = words[0]
    if said.statement.negated:
        pools.pop(str(name), None)
        return
    one = pools.get(str(name))
    if one is None:
        one = pools[str(name)] = Pool(name, said.line, version=6 if six else 4)
    one.statements.append(said.statement)
    one.headers.append(said.line)
    group = str(said.after("group") or "")
    if six:
        network = ipv6_network(words[1])
        if network is not None:
            low, high = network.network_address, network.broadcast_address
            one.ranges.append(PoolRange(words[1], None, low, high, group, said.line))
        return
    addresses = [said.word(p) for p in said.command.pieces if p.terminal == "IPV4"]
    if not addresses:
        return
    last = addresses[1] if len(addresses) > 1 else None
    try:
        first_address, last_address = ip_address(addresses[0]), ip_address(last or addresses[0])
    except ValueError:
        return
    one.ranges.append(PoolRange(addresses[0], last, first_address, last_address, group, said.line))


def numbered_acl(device: Device, said: Reading) -> None:
    number, action, rest = said.command.pieces[1], said.command.pieces[2], said.command.pieces[3]
    name = said.word(number)
    value = int(name) if name.isdecimal() else 0
    kind = "standard" if value < 100 or 1300 <= value <= 1999 else "extended"
    one = device.access_lists.get(str(name))
    if one is None:
        one = device.access_lists[str(name)] = AccessList(name, said.line, kind=kind)
    one.statements.append(said.statement)
    if action.text != "remark":
        _entry(one, action.text, rest.text, said)


def access_list(one: AccessList, said: Reading) -> None:
    if said.command.kind == "entry":
        action = next((p.text for p in said.command.pieces if p.text in ("permit", "deny")), "permit")
        _entry(one, action, said.command.pieces[-1].text, said)


def _entry(one: AccessList, action: str, rest: str, said: Reading) -> None:
    network = wildcard_network(rest.split()) if one.kind == "standard" else None
    one.entries.append((action, network, said.line))


def server_group(one: ServerGroup, said: Reading) -> None:
    kind, words = said.command.kind, said.words()
    if kind == "server_name":
        one.servers.append(words[0])
    elif kind == "server_private":
        one.private_servers.append(said.statement)
    elif kind == "vrf":
        one.vrf = words[0]
    elif kind == "source_interface":
        one.source_interface = said.interface()


def radius_server(one: RadiusServer, said: Reading) -> None:
    kind, words = said.command.kind, said.words()
    if kind == "address":
        one.address = words[0]
    elif kind == "key":
        one.key = said.secret()
