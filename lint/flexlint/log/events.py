"""Log bytes to events: each line that the message catalogue recognises, in the order of the file.

Comes in: blocks of bytes. Goes out: a stream of `Event`, and the `Coverage` of what was read. Lines that continue a
record come as their own events after it, with its ids. Nothing here knows which negotiation an event belongs to.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from flexlint.log.catalogue import catalogue
from flexlint.log.framing import PROMPT, Header, cleaned
from flexlint.log.headers import PRODUCERS, HeaderShape, learn
from flexlint.log.model import Coverage, Gap, UnknownShape
from flexlint.log.records import Tagged, continuation, device_of, other, pieces, tagged
from flexlint.log.scan import lines, whole_lines
from flexlint.pattern import pattern
from flexlint.place import Origin, Seen, TextFile

SHAPE_LIMIT = 300  # different shapes of unknown lines that are told apart
GAP_LIMIT = 200
HOSTS = 10_000  # names of routers that are kept
DEVICES = 1000  # routers of one relay whose records are told apart
ECHOED_LIMIT = 400  # characters of an unknown line in which a typed command is looked for
_JOINS = 3  # lines a wrapped message is looked for in
_OTHER = pattern(PRODUCERS)
_HEADED = pattern(  # a line with a clock that continues nothing
    rb"[*.]?[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d\S*: (?!Initiator |Payload |Num\. |Proposal |ESP: | |-Trace)"
)
_PLAIN = pattern(  # the header nearly every line has; any other takes the long way
    r"(?:[*.]?[A-Z][a-z]{2} [ \d]\d (\d\d:\d\d:\d\d\.\d{3})(?: [A-Z]{2,5})?: )?(IKEv2(?:-ERROR|-INTERNAL)?):"
    r"(?:\((?:SESSION ID = (\d+),)?SA ID = (\d+)\):)?([!-~][ -~]*)"
)
_BODY = pattern(  # what may go on with a record, wherever it stands in its line
    rb"Initiator SPI|Exchange RE|Payload contents|Num\. tr|Proposal \d"
    rb"|  ?(?:SA|KE|N|VID|ID[ir]|AUTH|ENCR|NOTIFY|CFG|DELETE|EAP|AES)\b"
)
_ECHOED = pattern(  # a command, or the marks of a ping
    r"(?:sh(?:ow)?|cle(?:ar)?|deb(?:ug)?|und\w*|u all|no |shut|conf|exit|end|wr|ter|do|ping|int)\b|[!.]{5}"
)
_BOOTS = "System Bootstrap, Version"  # the first line of a router's start on its console
_RARE = (b"debug", b"omitted", b"undebug", b"last message repeated", _BOOTS.encode())
_OMITTED = pattern(r"(?i)output omitted|lines? omitted|\bsnip\b")
_STATE = pattern(
    r"(?i)^(?:crypto )?(ikev2|aaa|radius|pki|ipsec|isakmp)(?: (error|internal|packet))?(?: \w+)?"
    r" debugging is (on|off)$"
)
_TYPED = pattern(r"(?i)(?:debug crypto |debug )(ikev2|aaa|radius|pki|ipsec)(?: (error|internal|packet))?\b")
ENDING = pattern(  # commands that end negotiations
    r"(?i)^(?:!exec: ?)?(?:do )?(?:cle\w* cry|(?:no )?shut|reload|no (?:crypto|tunnel|interface)|default interface)"
)
_SHAPES = (pattern(r"'[^']*'"), re.compile(r"(?:0x)?[0-9A-Fa-f]{8,}|\d+"))
DEBUG_OF = {"IKEv2-ERROR": "ikev2 error", "IKEv2-INTERNAL": "ikev2 internal", "IKEv2-PAK": "ikev2 packet"}
_PRODUCERS = (("AAA", "aaa"), ("RADIUS", "radius"), ("CRYPTO_PKI", "pki"), ("IPSEC", "ipsec"))
_ERRORS = frozenset({"M070", "M073", "M076", "M088", "M089", "M116", "M123", "M130", "M133", "M154", "M213", "M238"})
_NOWHERE = TextFile("", ())


class Event(NamedTuple):
    """A recognised line. `line` is 1-based; `clock` is the time of day as printed; absent ids are empty."""

    message: str  # catalogue id
    line: int
    clock: str
    session: str
    sa: str
    tag: str  # IKEv2, IKEv2-ERROR ...; "" for other producers
    text: str  # the message without header, tag and ids
    raw: str  # the physical line
    fields: dict[str, str]
    device: str  # relay, host or prompt name; empty when the log names none


def is_plain(body: str) -> bool:
    """Whether a text has nothing in it that a terminal, a relay or a web page put there."""
    return "   " not in body and "&" not in body and "#01" not in body and body.isprintable()


def plain_message(body: str) -> tuple[str, dict[str, str]] | None:
    """The message and its fields of a text that is clean and complete on its line; None for any other."""
    if not is_plain(body):
        return None
    found = catalogue("tagged").match(body)
    return found if found is not None and "error" not in found[1] else None


class LineReader:
    """Reads a log line by line, whatever its framing; its state is the record being read and what the coverage needs.

    It is the definition of what a log says. `atoms` reads the lines that recur from memory, and asks this class about
    every line it has not met."""

    def __init__(self, coverage: Coverage, origin: Origin) -> None:
        self.coverage = coverage
        self.origin = origin
        self.shape: HeaderShape | None = None
        self.prompt = ""
        self.record: tuple[str, Tagged] | None = None  # the record that the next line may continue
        self.records: dict[str, tuple[str, Tagged]] = {}  # the last one of each device that a relay names
        self.wrapped: tuple[int, str, str, int] | None = None  # an unrecognised tagged line: number, raw, text, joins
        self.cut = ""  # the line of the SPIs, where a page cut it before the second or the message id
        self.tags: set[str] = set()
        self.sequences: dict[str, tuple[int, int]] = {}  # of each device: the last one, and its line
        self.shapes: dict[str, UnknownShape] = {}
        self.match_tagged = catalogue("tagged").match
        self.match_continued = catalogue("continuation").match

    def learn(self, whole: bytes) -> HeaderShape | None:
        """Looks at the headers of a block of whole lines; to be called with each, in order."""
        self.shape = learn(whole, self.shape)
        return self.shape

    def read(self, number: int, line: bytes) -> Iterator[Event]:
        """The events of one line, the long way; `number` is 1-based."""
        shape = self.shape
        if len(self.records) > 1 and _BODY.search(line) is not None and (elsewhere := self._elsewhere(number, line)):
            yield elsewhere
        elif shape is not None and shape.harmless.match(line):
            self.give_up()
        elif b"IKEv2" in line:
            event = self._plain(number, line)
            if event is not None:
                yield event
            else:
                yield from self._ikev2(number, line)
        elif self.record is not None and line.startswith((b"Initiator SPI", b"Payload", b" ")):
            event = self._plain_continuation(number, line)
            if event is not None:
                yield event
            else:
                yield from self._after(number, line)
        elif (self.record is not None or self.wrapped is not None) and (
            self.wrapped is not None or not _HEADED.match(line)
        ):
            yield from self._after(number, line)
        elif _OTHER.search(line):
            self.record, self.cut = None, ""
            yield from self._other(number, line)
        elif b"#" in line[:80] or any(word in line for word in _RARE):
            yield from self._terminal(number, cleaned(line))

    def resume(self, record: tuple[str, Tagged], is_open: bool, device: str) -> None:
        """Goes on after a record that was read from memory; an open one may be continued by the next line."""
        self.record, self.cut = record if is_open else None, ""
        self.keep(record, device)

    def keep(self, record: tuple[str, Tagged], device: str) -> None:
        """Remembers the last record of a router: a later line with its name may go on with it."""
        if device and (device in self.records or len(self.records) < DEVICES):
            self.records[device] = record

    def _elsewhere(self, number: int, line: bytes) -> Event | None:
        """A line that goes on where its router was interrupted by the lines of another."""
        text = cleaned(line)
        body = continuation(text)
        device = device_of(text, body) if body else ""
        record = self.records.get(device)
        found = self.match_continued(body) if record is not None else None
        if record is None or found is None:
            return None
        self.give_up()
        self.record, self.cut = record, ""
        return self._event(found[0], number, text, record[1], body, found[1])

    def finish(self, count: int) -> None:
        """At the end of the log, which had so many lines."""
        self.give_up()
        self.coverage.lines = count
        self.coverage.unknown_shapes = sorted(self.shapes.values(), key=lambda s: -s.times)

    def _plain(self, number: int, line: bytes) -> Event | None:
        """The event of a line with the usual header and a known message; None for any other."""
        if self.wrapped is not None or not line.isascii():
            return None
        raw = line.decode("ascii").rstrip()
        m = _PLAIN.fullmatch(raw)
        if m is None:
            return self._plain_continuation(number, line) if raw.startswith("IKEv2 ") else None
        clock, tag, session, sa, body = m.groups("")
        found = plain_message(body)
        if found is None:
            return None
        coverage = self.coverage
        coverage.ikev2_lines += 1
        coverage.recognised += 1
        if tag not in self.tags:
            self.tags.add(tag)
            coverage.debugs.add(DEBUG_OF.get(tag, "ikev2"))
        self.record, self.cut = (raw, Tagged(Header(clock, self.prompt), tag, session, sa, body)), ""
        return Event(found[0], number, clock, session, sa, tag, body, raw, found[1], self.prompt)

    def _plain_continuation(self, number: int, line: bytes) -> Event | None:
        if self.wrapped is not None or self.record is None or not line.isascii():
            return None
        raw = line.decode("ascii")
        body = raw.strip()
        found = self.match_continued(body)
        if found is None:
            return None
        return self._event(found[0], number, raw, self.record[1], body, found[1])

    def _ikev2(self, number: int, line: bytes) -> Iterator[Event]:
        raw = cleaned(line)
        if self.wrapped is not None:
            self.give_up()
        if "#012" in raw:
            for part in raw.split("#012"):
                yield from self._parts(number, part)
            return
        yield from self._parts(number, raw)

    def _parts(self, number: int, raw: str) -> Iterator[Event]:
        for text in pieces(raw):
            parsed = tagged(text)
            if parsed is None:
                body = continuation(text)
                if body and self.record is not None:
                    yield from self._continued(number, raw, body)
                else:
                    yield from self._terminal(number, text)
                continue
            if not parsed.body and parsed.tag.startswith("IKEv2-P"):
                continue  # the trailing half of a line an ASA printed in two
            self.coverage.ikev2_lines += 1
            self._header(number, parsed.head, raw)
            self.coverage.debugs.add(DEBUG_OF.get(parsed.tag, "ikev2"))
            if parsed.tag.startswith("IKEv2-P") and parsed.tag != "IKEv2-PAK":
                self.coverage.product = "asa"
            events = self._recognise(number, raw, parsed)
            if events:
                self.coverage.recognised += 1
                yield from events
            elif parsed.body or not parsed.tag.endswith("ERROR"):
                self.wrapped = (number, raw, text, 0)
            else:
                self.coverage.recognised += 1  # an error whose text is empty says nothing more
            self.record, self.cut = (raw, parsed), ""
            self.keep(self.record, parsed.head.device)

    def _recognise(self, number: int, raw: str, parsed: Tagged) -> list[Event]:
        body = parsed.body
        found = self.match_tagged(body)
        if found is None:
            return self._compound(number, raw, parsed)
        message, fields = found
        event = self._event(message, number, raw, parsed, body, fields)
        error = fields.get("error", "")
        if message in ("M065", "M066") and "Proposal " in error:
            at = error.find("ESP: Proposal ")
            at = at if at >= 0 else error.find("Proposal ")
            fields = {"error": error[:at].strip()}
            event = event._replace(fields=fields)
            rest = re.split(r"(?=ESP: Proposal \d+:)|(?<!ESP: )(?=Proposal \d+:)", error[at:])
            return [event, *self._proposals(number, raw, parsed, rest)]
        return [event]

    def _compound(self, number: int, raw: str, parsed: Tagged) -> list[Event]:
        """`context: error`, and an error text with a list of proposals glued to it."""
        body = parsed.body
        cut = body.rfind(": ")
        if cut > 0:
            for text in (body[cut + 2 :], body[cut:]):
                found = self.match_tagged(text)
                if found is not None and (found[0] in _ERRORS or "M314" <= found[0] <= "M334"):
                    return [self._event(found[0], number, raw, parsed, body, {**found[1], "context": body[:cut]})]
        for typed in _ECHOED.finditer(body[:ECHOED_LIMIT]):  # a command that was typed while the line was printed
            if found := self.match_tagged(body[: typed.start()].rstrip()):
                return [self._event(found[0], number, raw, parsed, body[: typed.start()].rstrip(), found[1])]
        return []

    def _proposals(self, number: int, raw: str, parsed: Tagged, bodies: list[str]) -> list[Event]:
        events = []
        for body in bodies:
            found = self.match_continued(body.strip())
            if found is not None:
                events.append(self._event(found[0], number, raw, parsed, body.strip(), found[1]))
        return events

    def _event(self, message: str, number: int, raw: str, parsed: Tagged, body: str, fields: dict[str, str]) -> Event:
        head, tag, session, sa, _ = parsed
        device = head.device or self.prompt
        return Event(message, number, head.clock, session, sa, tag, body, raw.rstrip(), fields, device)

    def _continued(self, number: int, raw: str, body: str) -> Iterator[Event]:
        assert self.record is not None
        found = self.match_continued(body)
        if found is not None:
            yield self._event(found[0], number, raw, self.record[1], body, found[1])

    def _after(self, number: int, line: bytes) -> Iterator[Event]:
        """A line without an IKEv2 tag, directly after a record."""
        text = cleaned(line)
        bare = text.strip()
        if not bare:
            return
        if self.wrapped is not None:
            start, raw, before, joins = self.wrapped
            joined = None if other(text) or PROMPT.match(text) else before + text.rstrip()
            for candidate in (joined, before + " " + bare if joined else None):
                parsed = tagged(candidate) if candidate else None
                if parsed and (events := self._recognise(start, raw, parsed)):
                    self.wrapped = None
                    self.coverage.recognised += 1
                    self.record = (raw, parsed)
                    yield from events
                    return
            if joined and joins < _JOINS and not continuation(text):
                self.wrapped = (start, raw, f"{before.rstrip()} {bare}"[:4096], joins + 1)
                return
            self.give_up()
        if self.cut:
            text, self.cut = f"{self.cut} {bare}", ""
        body = continuation(text)
        if body and self.record is not None:
            if body.startswith("Initiator SPI") and "Message id" not in body and len(body) < 100:
                self.cut = body
                return
            yield from self._continued(number, text, body)
            return
        if "#012" in text:
            for part in text.split("#012"):
                yield from self._after(number, part.encode())
            return
        self.record, self.cut = None, ""
        if _OTHER.search(line):
            yield from self._other(number, line)
        else:
            yield from self._terminal(number, text)

    def give_up(self) -> None:
        """The unrecognised line is not the beginning of a known message: it counts as unknown."""
        if self.wrapped is None:
            return
        number, raw, _, _ = self.wrapped
        self.wrapped = None
        parsed = tagged(raw)
        self.coverage.unknown += 1
        shape = parsed.body[:200] if parsed else raw[:200]
        for volatile, sign in zip(_SHAPES, ("'…'", "n"), strict=True):
            shape = volatile.sub(sign, shape)
        known = self.shapes.get(shape)
        if known is not None:
            self.shapes[shape] = known._replace(times=known.times + 1)
        elif len(self.shapes) < SHAPE_LIMIT:
            self.shapes[shape] = UnknownShape(shape, 1, number, raw[:400])

    def _other(self, number: int, line: bytes) -> Iterator[Event]:
        text = cleaned(line)
        if "SA ID:" in text and (trace := tagged(text)):
            found = self.match_tagged(trace.body)
            if found is not None:
                yield self._event(found[0], number, text, trace, trace.body, found[1])
            return
        parts = other(text)
        if parts is None:
            return
        head, body = parts
        self._header(number, head, text)
        found = catalogue("other").match(body)
        for start, debug in _PRODUCERS:
            if body.startswith(start):
                self.coverage.debugs.add(debug)
        if found is None:
            return
        message, fields = found
        if message in ("M335", "M336") and len(self.coverage.config_changes) < GAP_LIMIT:
            value = fields.get("command") or body
            self.coverage.config_changes.append(Seen.at(value, number, text, self.origin))
        elif message in ("M338", "M339"):
            self._gap("dropped", number, text)
        elif message == "M341":
            self._gap("clock", number, text)
        parsed = Tagged(head, "", "", "", body)
        yield self._event(message, number, text, parsed, body, fields)

    def _terminal(self, number: int, text: str) -> Iterator[Event]:
        """Prompts, typed commands, `debugging is on`, and omissions."""
        bare = text.strip()
        if _OMITTED.search(bare):
            self._gap("omitted", number, text)
            self.coverage.is_excerpt = True
        elif "last message repeated" in bare:
            self._gap("repeated", number, text)
        elif bare.startswith(_BOOTS):
            self._gap("clock", number, text)
            yield Event("M341", number, "", "", "", "", bare, text.rstrip(), {}, self.prompt)
        elif m := _STATE.match(bare):
            name = " ".join(w.lower() for w in m.group(1, 2) if w)
            if m.group(3).lower() == "on":
                self.coverage.debugs.add(name)
            yield Event(
                "M346", number, "", "", "", "", bare, text, {"debug": name, "state": m.group(3).lower()}, self.prompt
            )
        elif m := PROMPT.match(text):
            self.prompt = m.group(1)
            if len(self.coverage.hostnames) < HOSTS:
                self.coverage.hostnames.setdefault(self.prompt, number)
            command = m.group(2).strip()
            if typed := _TYPED.match(command):
                self.coverage.debugs.add(" ".join(w.lower() for w in typed.groups() if w))
            elif ENDING.match(command):
                yield Event("M348", number, "", "", "", "", command, text, {"command": command}, self.prompt)

    def _header(self, number: int, head: Header, raw: str) -> None:
        if head.device and len(self.coverage.hostnames) < HOSTS:
            self.coverage.hostnames.setdefault(head.device, number)
        if head.sequence >= 0:
            self.count(number, head.device, head.sequence, lambda: raw)

    def count(self, number: int, device: str, sequence: int, raw: Callable[[], str]) -> None:
        """Notes a sequence number. More of them than lines since the last one: some lines are missing."""
        last = self.sequences.get(device)
        if last is not None and sequence - last[0] > number - last[1]:
            self._gap("sequence", number, raw())
        if last is not None or len(self.sequences) < HOSTS:
            self.sequences[device] = (sequence, number)

    def _gap(self, kind: str, number: int, text: str) -> None:
        if len(self.coverage.gaps) < GAP_LIMIT:
            self.coverage.gaps.append(Gap(kind, number, text.rstrip()))


def read_events(blocks: Iterable[bytes], coverage: Coverage, origin: Origin | None = None) -> Iterator[Event]:
    """The events of a log in file order, each line read the long way. `coverage` is complete when the iterator ends."""
    reader = LineReader(coverage, origin or _NOWHERE)
    number = 0
    for whole in whole_lines(blocks):
        reader.learn(whole)
        for line in lines(whole):
            number += 1
            yield from reader.read(number, line)
    reader.finish(number)
