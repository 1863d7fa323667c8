"""The outline of a file to a `Device`: which grammar reads which line, and which object a stanza becomes.

Comes in: the lines of one configuration. Goes out: `Device`. Every line of a modelled stanza is understood or reported
as `Unparsed`; lines of other stanzas are counted as out of scope. What a statement means is the builders' business.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from flexlint.config import build_global, build_ikev2, build_ipsec
from flexlint.config.building import Reading
from flexlint.config.glued import unglued
from flexlint.config.grammar import LONGEST_LINE, Command, Mismatch, completions, openings, parse, refused
from flexlint.config.kinds import CERTIFICATE_MAP, CRYPTO_MAP, DEFAULTS, GLOBAL, OTHERS, OURS, PEER, STANZAS, Kind
from flexlint.config.model import (
    AccessList,
    CertificateMapEntry,
    CryptoMapEntry,
    Device,
    Interface,
    Keyring,
    Line,
    LineKind,
    Other,
    PeerBlock,
    ServerGroup,
    Stanza,
    Statement,
    TransformSet,
    Unparsed,
    Username,
    Vrf,
)
from flexlint.config.older import older_form
from flexlint.config.outline import outline, outlines
from flexlint.config.removal import take_away
from flexlint.config.stanzas import stanza_of
from flexlint.inputs.kinds import platform_of
from flexlint.pattern import pattern
from flexlint.place import TextFile, Word

CUT_SHORT = "cut_short"  # kind of a statement such as `no dpd`: a negation needs no value
# What IOS takes at its top level only, and pages indent below a line of their own.
_ONLY_GLOBAL = pattern(
    r"crypto (?:ikev2|ipsec|isakmp|pki|map) \S|aaa new-model$|aaa (?:authentication login|(?:authorization|accounting) "
    r"network) \S|hostname \S|ip local pool \S|interface (?:Virtual-Template|Tunnel|Loopback) ?\d|vrf definition \S"
)
_REMARK = pattern(r" {1,200}([#!](?: .{0,300})?)$")
FORMS = 3  # `no pre-shared-key` has so many; IOS refuses a negation that could mean more, such as `no match`


def read_device(file: TextFile) -> Device:
    """Everything a configuration says, as of one router. Never fails: what is not understood is in `unparsed`."""
    return _device(file, outline(file), platform_of(file.lines))


def read_devices(file: TextFile) -> list[Device]:
    """The same for a file that may hold several routers, told apart by prompt or host name; at least one."""
    platform = platform_of(file.lines)
    found = []
    for name, lines in outlines(file):
        device = _device(file, lines, platform)
        device.label = name
        found.append(device)
    return found


def _device(file: TextFile, lines: list[Line], platform: str) -> Device:
    device = Device(file)
    device.not_ios = platform
    device.lines = lines
    if not platform:
        _Reader(device).read(lines)
    return device


class _Reader:
    """Walks the outline of one file and fills its device."""

    __slots__ = ("_blocks", "_device", "_memo")

    def __init__(self, device: Device) -> None:
        self._device = device
        self._blocks: dict[tuple[str, str], PeerBlock] = {}  # by keyring and name
        self._memo: dict[tuple[str, str], Command | Mismatch] = {}

    def read(self, lines: Iterable[Line]) -> None:
        for line in lines:
            if line.kind is LineKind.COMMAND:
                self._global(line)

    def _global(self, line: Line) -> None:
        lowered = line.text[:60].lower()
        if lowered.partition(" ")[0] not in openings("global") and not lowered.startswith(("no ", "default ")):
            self._device.out_of_scope += 1
            if any(_ONLY_GLOBAL.match(child.text) for child in line.children):
                self.read(line.children)  # a line of a page, and the configuration that is indented below it
            else:
                self._skip(line)
            return
        said = self._said("global", line)
        if self._take_apart(line, said):
            said = self._said("global", line)
        if isinstance(said, Mismatch):
            bare = lowered.removeprefix("no ").removeprefix("default ")
            if bare.startswith("cry"):
                bare = "crypto " + bare.partition(" ")[2]
            if bare.startswith(OURS) and not lowered.startswith(("no ", "default ")):
                self._unparsed("global", line, said)
            else:
                self._device.out_of_scope += 1
            self._skip(line)
            return
        kind = said.command.kind
        if said.statement.negated or said.statement.defaulted:
            self._negated(kind, said)
        elif kind in STANZAS:
            self._stanza(STANZAS[kind], said)
        else:
            self._one_line(kind, said)

    def _take_apart(self, line: Line, said: Reading | Mismatch) -> bool:
        """Gives a header that has its sub-commands on the same line those as lines of their own."""
        if isinstance(said, Reading):
            at = line.text.find(" mode t") + 1 if said.command.kind == "ipsec_transform_set" else 0
        else:
            at = said.column if said.word else 0
        kind = stanza_of(line.text) if at else ""
        if not kind:
            return False
        pieces = unglued(kind, line.text[at:], lambda of, text: isinstance(self._parse(of, _bare(text)), Command))
        if not pieces or isinstance(self._parse("global", line.text[:at].rstrip()), Mismatch):
            return False
        made: list[Line] = []
        for of, piece in pieces:
            part = Line(line.number, line.column + at + piece.column, piece.text, LineKind.COMMAND, line.origin)
            inside = made[-1].children if of == "peer" and made and made[-1].text.startswith("peer") else made
            inside.append(part)
        line.children[:0] = made
        line.text = line.text[:at].rstrip()
        return True

    def _negated(self, kind: str, said: Reading) -> None:
        """`no OBJECT` removes it; `no ... default` switches off what IOS has without being told."""
        device, line = self._device, said.line
        if kind == CUT_SHORT:
            begun = completions("global", line.text[said.offset :])
            if len(begun) != 1:
                device.globals.append(said.statement)
                return
            said, kind = replace(said, command=begun[0]), begun[0].kind
        words = [word for word in said.words() if word.column < line.column + len(line.text)]  # the others are made up
        name = str(words[0]) if words else ""
        if kind in DEFAULTS and said.statement.defaulted and name in ("", "default"):
            device.disabled_defaults.pop(DEFAULTS[kind], None)
            getattr(device, STANZAS[kind].shelf).pop("default", None)
        elif kind == "ipsec_default":
            device.disabled_defaults["ipsec profile" if said.has("profile") else "transform-set"] = line
        elif kind in DEFAULTS and name == "default":
            device.disabled_defaults[DEFAULTS[kind]] = line
            getattr(device, STANZAS[kind].shelf).pop("default", None)
        elif kind in STANZAS and STANZAS[kind].shelf:
            if kind == "interface":
                name = str(said.interface() or "")
            getattr(device, STANZAS[kind].shelf).pop(name, None)
            self._blocks.clear()  # a keyring that begins anew has none of them
        elif kind in ("crypto_map", "crypto_dynamic_map", "certificate_map"):
            self._entry_removed(kind, name, str(words[1]) if len(words) > 1 else None)
        elif kind in OTHERS:
            device.others.pop((OTHERS[kind], name), None)
        elif kind == "access_list":
            device.access_lists.pop(name, None)
        elif not self._written_down(kind, said):
            device.globals.append(said.statement)

    def _entry_removed(self, kind: str, name: str, sequence: str | None) -> None:
        """Takes one entry of a map away, all of them when no number is given."""
        device = self._device
        if kind == "certificate_map":
            device.certificate_maps[name] = [
                e for e in device.certificate_maps.get(name, []) if sequence is not None and e.sequence != sequence
            ]
            if not device.certificate_maps[name]:
                del device.certificate_maps[name]
            return
        device.crypto_maps[:] = [
            e
            for e in device.crypto_maps
            if e.name != name
            or e.is_dynamic_map is (kind == "crypto_map")
            or (sequence is not None and e.sequence != sequence)
        ]

    def _written_down(self, kind: str, said: Reading) -> bool:
        """Lists and pools, whose lines say all there is; a `no` form is for their builders to understand."""
        if kind in build_global.SERVICES:
            build_global.aaa_list(self._device, said)
        elif kind in ("ip_local_pool", "ipv6_local_pool"):
            build_global.pool(self._device, said)
        else:
            return False
        return True

    def _one_line(self, kind: str, said: Reading) -> None:
        device, words = self._device, said.words()
        if kind == "hostname":
            device.hostname = words[0]
        elif kind == "version":
            device.version = words[0]
        elif self._written_down(kind, said):
            pass
        elif kind == "access_list":
            build_global.numbered_acl(device, said)
        elif kind in ("crypto_map", "crypto_dynamic_map"):
            self._crypto_map(kind, said)
        elif kind == "certificate_map":
            entry = CertificateMapEntry(words[0], said.line, headers=[said.line], sequence=words[1])
            device.certificate_maps.setdefault(str(words[0]), []).append(entry)
            self._children(CERTIFICATE_MAP, entry, said.line)
            return
        elif kind in OTHERS:
            other = Other(words[0], said.line, headers=[said.line], kind=OTHERS[kind])
            device.others.setdefault((OTHERS[kind], str(words[0])), other)
            self._skip(said.line)
        else:
            device.globals.append(said.statement)
            self._skip(said.line)
            return
        self._skip(said.line) if kind not in ("crypto_map", "crypto_dynamic_map") else None

    def _crypto_map(self, kind: str, said: Reading) -> None:
        name, sequence = said.words()[:2]
        is_dynamic = kind == "crypto_dynamic_map"
        for entry in self._device.crypto_maps:
            if entry.name == name and entry.sequence == sequence and entry.is_dynamic_map is is_dynamic:
                break
        else:
            entry = CryptoMapEntry(name, said.line, sequence=sequence, is_dynamic_map=is_dynamic)
            self._device.crypto_maps.append(entry)
        entry.dynamic = said.after("dynamic") or entry.dynamic
        entry.headers.append(said.line)
        self._children(CRYPTO_MAP, entry, said.line)

    def _stanza(self, kind: Kind, said: Reading) -> None:
        words = said.words()
        name = (said.interface() if kind.shelf == "interfaces" else words[0] if words else None) or Word.at(
            "", said.line.number, said.line.column, said.line.origin
        )
        shelf = getattr(self._device, kind.shelf) if kind.shelf else {}
        one = shelf.get(str(name))
        if one is None:
            one = shelf[str(name)] = kind.make(name, said.line)
        if kind.shelf and name == "default":
            self._device.disabled_defaults.pop(DEFAULTS.get(said.command.kind, ""), None)
        one.headers.append(said.line)
        self._header(one, said, words)
        self._children(kind, one, said.line)

    def _header(self, one: Stanza, said: Reading, words: list[Word]) -> None:
        """What a header itself says beyond the name."""
        kind = said.command.kind
        if isinstance(one, Interface):
            one.type = said.after("type") or one.type
        elif isinstance(one, TransformSet) and len(words) > 1:
            one.transforms = build_ipsec.transforms_of(words[1:])
        elif isinstance(one, Vrf):
            one.is_definition = kind == "vrf_definition"
            one.ipv4 = one.ipv4 or not one.is_definition
        elif isinstance(one, AccessList):
            one.kind = kind.removeprefix("acl_")
        elif isinstance(one, ServerGroup):
            one.protocol = next((p.text for p in said.command.pieces[3:4]), "radius")
        elif isinstance(one, Username) and " aaa attribute list " in said.line.text:
            rest = said.line.text.partition(" aaa attribute list ")
            column = said.line.column + len(rest[0]) + len(rest[1])
            one.attribute_list = Word.at(rest[2].strip(), said.line.number, column, said.line.origin)

    def _children(self, kind: Kind, one: Stanza, line: Line) -> None:
        for child in line.children:
            if child.kind is LineKind.COMMAND:
                opened = self._next_peer(one, child) if isinstance(one, PeerBlock) else None
                if opened is None:
                    self._child(kind, one, child)
                else:
                    one = opened

    def _next_peer(self, block: PeerBlock, line: Line) -> PeerBlock | None:
        """The block that `peer NAME` opens where it is indented like the lines of the block before it."""
        said = self._said("keyring", line) if line.text.lower().startswith("peer ") else None
        keyring = self._device.keyrings.get(block.keyring)
        if keyring is None or not isinstance(said, Reading) or said.statement.negated:
            return None
        self._peer(keyring, said)
        return self._blocks[(keyring.name, said.words()[0])]

    def _child(self, kind: Kind, one: Stanza, line: Line) -> None:
        if line.text in ("exit", "end", "quit", "exit-address-family"):
            return
        if not kind.start:
            self._device.out_of_scope += 1
            return
        said = self._said(kind.start, line)
        if isinstance(said, Mismatch):
            self._misfit(kind, one, line, said)
            return
        one.statements.append(said.statement)
        if isinstance(one, Keyring) and said.command.kind == "peer":
            self._peer(one, said)
            return
        if kind.fill is not None:
            if said.statement.negated or said.statement.defaulted:
                self._taken_back(kind, one, said)
            else:
                kind.fill(one, said)
        if isinstance(one, Vrf):
            self._skip(line)
        else:
            for below in line.children:  # a line indented too far stands in the stanza all the same
                if below.kind is LineKind.COMMAND:
                    self._child(kind, one, below)

    def _taken_back(self, kind: Kind, one: Stanza, said: Reading) -> None:
        """A `no` or `default` line: whatever the line without it would set is reset."""
        assert kind.fill is not None
        is_short = said.command.kind == CUT_SHORT
        commands = completions(kind.start, said.line.text[said.offset :]) if is_short else (said.command,)
        if commands and commands[0].kind in build_ikev2.ON_UNLESS_NEGATED:
            kind.fill(one, replace(said, command=commands[0]))
        elif len(commands) <= FORMS:
            for command in commands:
                empty = kind.make(one.name, one.line)
                kind.fill(empty, replace(said, command=command))
                take_away(one, empty, whole=is_short)

    def _peer(self, keyring: Keyring, said: Reading) -> None:
        name = said.words()[0]
        if said.statement.negated:
            keyring.peers = [p for p in keyring.peers if p.name != name]
            self._blocks.pop((keyring.name, name), None)
            return
        block = self._blocks.get((keyring.name, name))
        if block is None:
            block = self._blocks[(keyring.name, name)] = PeerBlock(name, said.line, keyring=str(keyring.name))
            keyring.peers.append(block)
        block.headers.append(said.line)
        self._children(PEER, block, said.line)

    def _misfit(self, kind: Kind, one: Stanza, line: Line, said: Mismatch) -> None:
        """A line its stanza does not know: a global command pasted into it, out of scope, or a fault."""
        lowered = line.text.lower()
        if isinstance(one, Keyring) and one.peers and isinstance(self._said(PEER.start, line), Reading):
            self._child(PEER, one.peers[-1], line)  # indented no deeper than its ` peer NAME`
            return
        elsewhere = self._said("global", line) if lowered.startswith(GLOBAL) else said
        if isinstance(elsewhere, Reading):
            self._global(line)  # IOS leaves the stanza when it meets a global command
        elif kind.strict or (kind.ours and lowered.startswith(kind.ours)):
            self._unparsed(kind.start, line, said)
            if isinstance(one, Keyring):
                self._skip(line)
            else:
                for below in line.children:
                    if below.kind is LineKind.COMMAND:
                        self._child(kind, one, below)
        else:
            self._device.out_of_scope += 1
            self._skip(line)

    def _unparsed(self, stanza: str, line: Line, said: Mismatch) -> None:
        word = Word.at(said.word, line.number, line.column + said.column, line.origin)
        self._device.unparsed.append(Unparsed(stanza, word, said.expected, said.suggestion, line))

    def _skip(self, line: Line) -> None:
        """Counts the lines below one that is not ours."""
        waiting = list(line.children)
        while waiting:
            below = waiting.pop()
            self._device.out_of_scope += below.kind is LineKind.COMMAND
            waiting.extend(below.children)

    def _said(self, stanza: str, line: Line) -> Reading | Mismatch:
        """The line read as a command of the stanza; `no` and `default` are taken off first."""
        text, offset, negated, defaulted = line.text, 0, False, False
        if len(text) > LONGEST_LINE:
            return refused(text)
        lowered = text[:8].lower()
        if lowered.startswith(("no ", "default ")):
            negated, defaulted = lowered.startswith("no "), lowered.startswith("default ")
            offset = len(text) - len(text.split(None, 1)[1])
            text = text[offset:]
        command = self._parse(stanza, text)
        if isinstance(command, Mismatch):
            command = self._without_remark(stanza, line, text, command)
        if isinstance(command, Mismatch):
            if (negated or defaulted) and not command.word:
                command = Command(CUT_SHORT, ())  # `no keyring`: a negation needs no value
            else:
                return command._replace(column=command.column + offset) if offset else command
        statement = Statement(command.kind, (), line, negated, defaulted)
        said = Reading(command, line, offset, statement)
        statement.words = said.public_words()
        return said

    def _without_remark(self, stanza: str, line: Line, text: str, mismatch: Mismatch) -> Command | Mismatch:
        """The command before a remark that a page or a template writes behind it."""
        remark = _REMARK.search(text)
        command = self._parse(stanza, text[: remark.start()]) if remark is not None else mismatch
        if remark is None or isinstance(command, Mismatch):
            return mismatch
        column = line.column + len(line.text) - len(text) + remark.start(1)
        self._device.remarks.append(Word.at(remark[1], line.number, column, line.origin))
        return command

    def _parse(self, stanza: str, text: str) -> Command | Mismatch:
        known = self._memo.get((stanza, text))
        if known is None:
            known = parse(stanza, text)
            if isinstance(known, Mismatch):
                known = older_form(stanza, text, known)
            if len(self._memo) < 5_000:
                self._memo[(stanza, text)] = known
        return known


def _bare(text: str) -> str:
    return text.removeprefix("no ")
