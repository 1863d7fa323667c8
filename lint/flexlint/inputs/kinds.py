"""What kind of file a text is, and of whose configuration.

Comes in: the first part of a file, or the lines of a configuration. Goes out: "config", "log" or "other", and the
platform where it is not IOS. Nothing here reads files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice
from typing import NamedTuple

from flexlint.pattern import pattern

HEAD = 1024 * 1024  # bytes looked at to tell the kind of a file

# Records of the debugs we read, wherever their header ends. `IKEv2:` must be followed by text, as in every debug line.
_RECORD = pattern(
    r"IKEv2(?:-(?:ERROR|INTERNAL|PAK|CLIENT|CLUSTER|(?:PROTO|PLAT)-\d))?:[ \t]*[^ \t\n]"
    r"|SA ID:\d+ SESSION ID:\d+|\bikev2_(?:internal_)?(?:event|error):|^Exit Path Table|^Error\(\d+\): "
    r"|^Logging display requested|^Syslog logging: "
)
_SYSLOG = pattern(
    r"^[*.]?[A-Z][a-z]{2} {1,2}\d{1,2} (?:\d{4} )?\d\d:\d\d:\d\d\.\d{3}\b.{0,12}: |"
    r"%[A-Z][A-Z0-9_]*-(?:[A-Z0-9_]+-)?[0-7]-[A-Z0-9_]+ ?:|\b(?:AAA/[A-Z]|RADIUS[(:/]|CRYPTO_PKI:|ISAKMP[:-]|IPSEC\()"
)
_COMMAND = pattern(
    r"(?:crypto |cry |interface |int |hostname |aaa |ip (?:local|route|vrf|access-list|domain)|ipv6 |vrf definition "
    r"|version \d|router |line (?:vty|con)|username |radius |ntp |access-list |route-map |match identity"
    r"|authentication (?:local|remote)|keyring |pre-shared-key |set |tunnel (?:source|mode|protection|destination)"
    r"|encryption |integrity |proposal |peer |pki trustpoint|virtual-template|no crypto |tunnel-group |service )",
    re.IGNORECASE,
)
_PROMPT = pattern(r"^[\w.-]{1,63}(?:\(config[\w-]*\)(?=[a-z])|(?:\([\w-]+\))?[#>]\s*)")


_WORD = pattern(r"[\"'(]?[A-Za-z]?[a-z]+(?:['-][a-z]+)?[.,;:?!)\"']{0,3}")
SENTENCE = 8  # words that make one, four of five in small letters

# Pages, reports (of flexlint too) and programs: what a folder has beside configurations and logs, and may quote them.
_PAGES = frozenset(
    "adoc asciidoc bib c cc cpp cs css csv go h htm html ipynb java js json jsonl lua md markdown "
    "mdx org php pl po ps1 py rb rs rst sarif sh sql svg tcl tex tf toml ts tsv xml xsl yaml yml".split()
)


class Look(NamedTuple):
    """What the first part of a file shows. `quotes` is true where it is a text that quotes a log or a configuration."""

    kind: str  # "config", "log" or "other"
    quotes: bool = False


def is_page(name: str) -> bool:
    """Whether a file of a folder is documentation, a report or a program by the ending of its name."""
    return name.rpartition(".")[2].lower() in _PAGES


def look(text: str) -> Look:
    """The kind of a file by its first part, and whether more of that is prose than log or configuration."""
    records = syslogs = commands = prose = sentences = others = 0
    for number, line in enumerate(text[:HEAD].split("\n", 20_000)[:20_000]):
        if number % 500 == 499 and records > 100 and commands * 10 < records:
            break  # nothing that follows could make a configuration of it
        stripped = line.strip()
        if not stripped or stripped.startswith(("!", "```")):
            commands += stripped.startswith("!")
            continue
        if len(stripped) > 4000:
            stripped = stripped[:4000]
        if _RECORD.search(stripped):
            records += 1
        elif _SYSLOG.search(stripped):
            syslogs += 1
        elif _COMMAND.match(_PROMPT.sub("", stripped, count=1)):
            commands += 1
        else:
            others += 1
            if stripped.count(" ") >= SENTENCE - 1:
                prose += stripped.count(" ") > 8
                sentences += _is_sentence(stripped)
    if records and records + syslogs >= commands // 20:
        return Look("log", sentences > records + syslogs + commands)
    shown = syslogs * 2 > commands and others > commands * 4  # by show commands, which print configuration too
    if shown or syslogs > commands:
        return Look("log", sentences > syslogs + commands)
    if commands >= 12 or (commands and commands * 2 >= prose):
        return Look("config", sentences > commands * 2)
    return Look("other")


def _is_sentence(line: str) -> bool:
    words = line.split(maxsplit=40)[:40]
    return len(words) >= SENTENCE and sum(_WORD.fullmatch(word) is not None for word in words) * 5 >= len(words) * 4


# Lines that only the log of another product has, five of which are enough to call it so.
_LOGS = (
    (
        "a FortiGate",
        pattern(r"(?m)^.{0,60}\bike (?:V=\S{1,40} )?\d+:[^\n]{0,80}(?:exchange|comes|notify|ISAKMP|msg|out |in )"),
    ),
    ("strongSwan", pattern(r"(?m)\b\d{2}\[(?:IKE|CFG|ENC|NET|KNL|CHD)\] ")),
    ("Libreswan", pattern(r"(?m)\bpluto\[\d+\]: ")),
)


def product_of(text: str) -> str:
    """Whose IKE log a text is that is none of ours; empty where that is not known."""
    head = text[: HEAD // 4]
    return next((name for name, mark in _LOGS if len(list(islice(mark.finditer(head), 5))) == 5), "")


# Marks that IOS cannot print, by platform. The first word is looked up, so that few lines are ever matched.
_PLATFORMS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    (
        "asa",
        ("asa", "pix", "nameif", "security-level", ":"),
        r"ASA Version |PIX Version|nameif |security-level \d|: Saved",
    ),
    ("asa", ("tunnel-group",), r"tunnel-group \S+ (?:type|ipsec-attributes|general)"),
    ("asa", ("group-policy",), r"group-policy \S+ (?:internal|attributes)"),
    ("asa", ("crypto",), r"crypto ikev2 enable \w|crypto ipsec ikev[12] |crypto ikev2 policy \d+\s*$"),
    ("nxos", ("feature",), r"feature (?:ospf|bgp|vpc|interface-vlan|lacp|crypto)"),
    ("nxos", ("vdc", "!command:"), r"vdc \S+ id \d|!Command: show running-config"),
    ("iosxr", ("!!", "interface"), r"!! IOS XR|!! Last configuration change.*by |interface (?:MgmtEth|Bundle-Ether)"),
    (
        "junos",
        ("set", "##", "system"),
        r"set (?:system|interfaces|security|routing-options|protocols) |## Last commit|system \{",
    ),
    ("fortios", ("config", "#config-version"), r"#config-version=|config (?:system|vpn|firewall|router) "),
    ("panos", ("set",), r"set deviceconfig |set network ike "),
    ("vyos", ("set",), r"set vpn ipsec "),
)
_MARKS: dict[str, list[tuple[str, str]]] = {}
for _name, _words, _mark in _PLATFORMS:
    for _word in _words:
        _MARKS.setdefault(_word, []).append((_name, _mark))


def platform_of(lines: Iterable[str]) -> str:
    """The platform of a configuration that is not IOS: "asa", "nxos", "iosxr", "junos" ...; empty for IOS.

    One mark that IOS cannot print is enough when nothing in the file is IOS's own form of IKEv2."""
    votes: dict[str, int] = {}
    ios = 0
    for line in lines:
        first, _, rest = line.lstrip()[:80].partition(" ")
        if first in ("match", "crypto") and rest.startswith(_IOS):
            ios += 1
        if (marks := _MARKS.get(first.partition("=")[0].lower())) is not None:
            for name, mark in marks:
                if re.match(mark, line.strip(), re.IGNORECASE):
                    votes[name] = votes.get(name, 0) + 1
    best = max(votes, key=lambda name: votes[name], default="")
    return best if best and votes[best] > ios else ""


_IOS = ("ikev2 profile ", "ikev2 keyring ", "identity remote ")
