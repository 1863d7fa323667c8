"""One router in every form in which its configuration travels: the same model, and the same verdicts."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from flexlint.config.model import Device, Line, Secret, Statement
from flexlint.config.parse import read_device
from flexlint.fact import names_of
from flexlint.finding import Confidence
from flexlint.judging.book import Rulebook
from flexlint.place import TextFile
from flexlint.rulebook import DeviceCase, Settings, select

PLAIN = """\
version 17.9
hostname hub1
!
aaa new-model
aaa authorization network FLEX local
!
vrf definition INET
 rd 1:1
 address-family ipv4
 exit-address-family
!
crypto pki trustpoint CA
 enrollment url http://192.0.2.9:80
 revocation-check crl none
 rsakeypair CA 2048
!
crypto pki certificate map CMAP 10
 issuer-name co ca.example.net
!
crypto ikev2 authorization policy BRANCHES
 pool POOL
 route set interface
 route set access-list 10
!
crypto ikev2 proposal PROP
 encryption aes-cbc-256
 integrity sha512
 group 19
!
crypto ikev2 policy POL
 match fvrf INET
 proposal PROP
!
crypto ikev2 keyring KEYS
 peer B1
  address 203.0.113.21
  identity address 203.0.113.21
  pre-shared-key local Qx7-up-and-down-1
  pre-shared-key remote Qx7-up-and-down-2
 !
 peer B2
  address 203.0.113.22
  pre-shared-key Qx7-up-and-down-3
!
crypto ikev2 profile FLEX
 match fvrf INET
 match identity remote fqdn domain example.net
 identity local fqdn hub1.example.net
 authentication remote pre-share
 authentication local pre-share
 keyring local KEYS
 dpd 30 5 on-demand
 aaa authorization group psk list FLEX BRANCHES
 virtual-template 1
!
crypto ikev2 profile CERTS
 match certificate CMAP
 identity local dn
 authentication remote rsa-sig
 authentication local rsa-sig
 pki trustpoint CA
!
crypto ipsec transform-set TS esp-aes 256 esp-sha256-hmac
 mode tunnel
!
crypto ipsec profile IPSEC
 set transform-set TS
 set pfs group19
 set ikev2-profile FLEX
!
interface Loopback0
 ip address 192.0.2.1 255.255.255.255
!
interface GigabitEthernet1
 vrf forwarding INET
 ip address 198.51.100.1 255.255.255.0
!
interface Virtual-Template1 type tunnel
 ip unnumbered Loopback0
 tunnel source GigabitEthernet1
 tunnel mode ipsec ipv4
 tunnel vrf INET
 tunnel protection ipsec profile IPSEC
!
ip local pool POOL 192.0.2.100 192.0.2.200
access-list 10 permit 10.0.0.0 0.255.255.255
"""


def device_of(text: str) -> Device:
    return read_device(TextFile("hub.cfg", text.splitlines()))


_NOT_MEANT = set("line lines headers statements source globals unparsed out_of_scope mode_line pfs_line".split())


def essence(thing: object) -> object:
    """What an object says, without where it says it."""
    if isinstance(thing, Secret):
        return ("secret", thing.reveal_for_checks(), thing.encryption)
    if isinstance(thing, Statement):
        return (thing.kind, tuple(map(str, thing.words)), thing.negated)
    if isinstance(thing, Line):
        return "line"
    if isinstance(thing, dict):
        return {str(key): essence(value) for key, value in thing.items()}
    if isinstance(thing, (list, tuple)):
        return [essence(one) for one in thing]
    if names := names_of(type(thing)):
        return {name: essence(getattr(thing, name)) for name in names if name not in _NOT_MEANT}
    return str(thing) if isinstance(thing, str) else thing


def verdicts(device: Device) -> list[tuple[str, str, str]]:
    book = Rulebook(select((), ()), Settings(None, {}), Confidence.LOW)
    book.device(DeviceCase(device, Settings(None, {})))
    found = [(one.rule, one.message, str(one.severity)) for one in book.findings()]
    return sorted(one for one in found if one[0] not in ("SYN207", "SYN208"))


def flat(text: str) -> str:
    return "\n".join(line.strip() for line in text.splitlines()) + "\n"


def abbreviated(text: str) -> str:
    words = {
        "crypto": "cry", "ikev2": "ike", "keyring": "keyr", "profile": "prof", "proposal": "prop", "policy": "pol",
        "interface": "int", "address": "addr", "encryption": "enc", "integrity": "integ", "match": "mat",
        "identity": "id", "remote": "rem", "local": "loc", "pre-shared-key": "pre-shared", "tunnel": "tun",
        "protection": "prot", "ipsec": "ips", "authentication": "auth", "virtual-template": "virt",
        "transform-set": "trans", "GigabitEthernet1": "gi1", "Loopback0": "lo 0", "unnumbered": "unn",
    }  # fmt: skip
    lines = []
    for line in text.splitlines():
        if not line.startswith(("ip ", "aaa", "vrf", "crypto pki", "crypto ikev2 auth")):
            said = line.split()
            if line.startswith("crypto ikev2 profile"):
                said = ["cry", "ikev2", "prof", *said[3:]]
            elif line.startswith("crypto ikev2 pro"):
                said = ["cry", "ikev2", "prop", *said[3:]]
            elif line.startswith("interface"):
                said = [said[0][:3], *(words.get(word, word) for word in said[1:2]), *said[2:]]
            elif line.strip().startswith("ip ") or not line.startswith(" "):
                said = [words.get(word, word) for word in said]
            elif said and line.startswith(" "):
                said = [words.get(word, word) if word != "FLEX" else word for word in said]
                if said[0] in ("aaa", "pre-shared"):
                    said = line.split()
                if said[:2] == ["mat", "addr"]:
                    said[:2] = ["match", "address"]
                if said[0] == "tun" and "mode" in said:
                    said = ["tun", "mo", "ips", "ipv4"]
            line = line[: len(line) - len(line.lstrip())] + " ".join(said)
        lines.append(line)
    return "\n".join(lines) + "\n"


def alphabetical(text: str) -> str:
    """As `show sdwan running-config` prints: sub-commands sorted, no `!`, host masks hidden, some defaults printed."""
    made: list[str] = []
    for block in re.split(r"\n(?=\S)", text.replace("\n!", "").replace("\n !", "")):
        head, *below = block.strip("\n").split("\n")
        if head.startswith("crypto ikev2 keyring"):
            peers = re.split(r"\n(?= peer )", "\n".join(below))
            below = [line for peer in peers for line in (peer.split("\n")[0], *sorted(peer.split("\n")[1:]))]
        elif not head.startswith("vrf"):
            below = sorted(below)
        if head.startswith("crypto ikev2 profile"):
            below = sorted([*below, " lifetime 86400"])
        made += [head, *below]
    return "\n".join([*made, "no crypto ikev2 diagnose error"]) + "\n"


def with_defaults(text: str) -> str:
    """As `show running-config all` prints: what is there without being said."""
    text = text.replace(" keyring local KEYS\n", " keyring local KEYS\n lifetime 86400\n config-exchange request\n"
                        " config-exchange set send\n config-exchange set accept\n no shutdown\n no ivrf\n")  # fmt: skip
    text = text.replace("set pfs group19\n", "set pfs group19\n set security-association lifetime kilobytes 4608000\n"
                        " set security-association lifetime seconds 3600\n no set security-association idle-time\n"
                        " set security-association replay window-size 64\n no responder-only\n")  # fmt: skip
    text = text.replace("interface Loopback0\n", "interface Loopback0\n no shutdown\n no ip redirects\n mtu 1500\n")
    return text + "crypto ikev2 http-url cert\ncrypto ikev2 window 5\nno crypto ikev2 cookie-challenge\n"


def in_pieces(text: str) -> str:
    """Stanzas that are opened again, which IOS merges."""
    text = text.replace(" integrity sha512\n", " integrity sha512\ncrypto ikev2 proposal PROP\n")
    text = text.replace(" peer B2\n", "crypto ikev2 keyring KEYS\n peer B1\n !\n peer B2\n")
    return text.replace(" virtual-template 1\n", "!\nhostname hub1\ncrypto ikev2 profile FLEX\n virtual-template 1\n")


def old(text: str) -> str:
    """As older releases spell it."""
    text = text.replace("crypto pki", "crypto ca").replace("keyring local KEYS", "keyring KEYS")
    text = text.replace("route set access-list 10", "subnet-acl 10")
    return text.replace("vrf forwarding INET", "ip vrf forwarding INET")


def corrected(text: str) -> str:
    """A session that says something, takes it back and says it right."""
    text = text.replace(" dpd 30 5 on-demand\n", " dpd 10 2 periodic\n no dpd\n dpd 30 5 on-demand\n")
    text = text.replace(" set pfs group19\n", " set pfs group14\n default set pfs\n set pfs group19\n")
    text = text.replace(" group 19\n", " group 5 2\n no group 5 2\n group 19\n")
    return "crypto ikev2 proposal default\n group 2\ndefault crypto ikev2 proposal\n" + text


def one_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines()]
    head = [line for line in lines if line.startswith(("version", "hostname"))]
    rest = [line for line in lines if line not in head and line != "!"]
    glued: list[str] = []
    for line in rest:
        if re.match(r"crypto|interface|vrf def|aaa (new|authorization network)|ip local|access-list", line):
            glued.append(line)
        else:
            glued[-1] += " " + line
    return "\n".join([*head, *glued]) + "\n"


def prompted(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip() != "!"]
    return "".join(f"hub1(config{'-x' if line[0] == ' ' else ''})#{line.strip()}\n" for line in lines)


FORMS: dict[str, Callable[[str], str]] = {
    "without indentation": flat,
    "abbreviated": abbreviated,
    "abbreviated without indentation": lambda text: flat(abbreviated(text)),
    "sdwan": alphabetical,
    "show run all": with_defaults,
    "in pieces": in_pieces,
    "old": old,
    "corrected": corrected,
    "a stanza a line": one_line,
    "one line with !": lambda text: "hostname hub1\nversion 17.9\n"
    + " ! ".join(one_line(text).splitlines()[2:])
    + "\n",
    "bars": lambda text: re.sub(r"\n +(?=[^ !])", " | ", text.replace("\n !", "")),
    "tabs": lambda text: re.sub("^ ", "\t", text, flags=re.M),
    "four blanks": lambda text: re.sub("^ +", lambda found: found[0] * 4, text, flags=re.M),
    "prompts": prompted,
    "numbered": lambda text: "\n".join(f"{n:>4} {line}" for n, line in enumerate(text.splitlines(), 1)) + "\n",
    "upper case keywords": lambda text: text.replace("crypto ikev2", "Crypto IKEv2").replace(" match ", " Match "),
}  # fmt: skip


@pytest.mark.parametrize("form", list(FORMS))
def test_every_form_reads_to_the_same_model(form: str):
    plain, other = device_of(PLAIN), device_of(FORMS[form](PLAIN))
    assert [(one.line.text, one.word) for one in other.unparsed] == []
    ours, theirs = essence(plain), essence(other)
    if form == "show run all":  # it says what the others leave unsaid
        for name in ("lifetime",):
            theirs["profiles"]["FLEX"][name] = None
        for name in ("lifetime_seconds", "lifetime_kilobytes", "replay"):
            theirs["ipsec_profiles"]["IPSEC"][name] = None
    if form == "sdwan":
        for name in ("FLEX", "CERTS"):
            theirs["profiles"][name]["lifetime"] = None
    for shelf, objects in ours.items():
        if form == "sdwan" and isinstance(objects, dict):
            assert _unordered(theirs[shelf]) == _unordered(objects), shelf
        else:
            assert theirs[shelf] == objects, shelf
    assert verdicts(other) == verdicts(plain)


def _unordered(thing: object) -> object:
    if isinstance(thing, list):
        return sorted((_unordered(one) for one in thing), key=repr)
    return {key: _unordered(value) for key, value in thing.items()} if isinstance(thing, dict) else thing
