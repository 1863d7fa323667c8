"""Lines of a configuration file to a tree of stanzas: which line belongs below which.

Comes in: the lines of a file, in any of the shapes in which configurations travel (`show running-config`, hand-written,
pasted without indentation, a terminal session with prompts). Goes out: every physical line in exactly one `Line`, with
its true number and column. It knows the first words of the sub-commands of each stanza, to put lost indentation right,
and nothing else of what commands mean. One pass, linear in the file.
"""

from __future__ import annotations

import re

from flexlint.config.cleaning import NUMBERED, cleaned, has_line_numbers, is_noise, is_variable
from flexlint.config.devices import Part, Prompt, separate
from flexlint.config.glued import separated
from flexlint.config.model import Line, LineKind
from flexlint.config.stanzas import SUBCOMMANDS, is_subcommand, stanza_of
from flexlint.pattern import pattern
from flexlint.place import TextFile

BANNER_LIMIT = 1_000  # lines: a banner that has not ended by then is unterminated, and only its first line is taken
PIECE = 200  # lines looked through at once for what needs more than a plain reading
DEEPEST = 12  # levels; IOS has four, and a file that pretends to more must not cost more

_BANNER = pattern(
    r"(?:banner +(?:motd|login|exec|incoming|slip-ppp|prompt-timeout|config-save)?|(?<= )banner"
    r"|aaa authentication banner) *",
    re.I,
)
# Of a mode of the configuration the `#` may be missing: it is what gets lost when a session is copied by hand.
_PROMPT = pattern(r"([A-Za-z][\w.:-]{0,62})(?:(\((?:config|cfg|ca|ipsec)[\w-]*\))(?:[#>]\s?|(?=[a-z]))|[#>]\s?)")
_NOT_PLAIN = ("#", ">", "(config", "|", "; ", " ! ", "anner", "cert")  # what only lines that need more may hold
_MAY_BE_NOISE = frozenset("%`- BCELTUI*e0123456789")
_HEX = pattern(r"\s*[0-9A-Fa-f]{2,}(?:\s+[0-9A-Fa-f]{2,})*\s*$")


def outline(file: TextFile) -> list[Line]:
    """The top-level lines of a file, with their children. A line stands below the nearest line before it that is
    indented less; where a file has lost its indentation, below the stanza of which it is a sub-command."""
    return _Outliner(file).run()


def outlines(file: TextFile) -> list[Part]:
    """The same for a file that may hold several routers: the top-level lines of each."""
    outliner = _Outliner(file)
    top = outliner.run()
    return separate(top, outliner.prompts)


class _Outliner:
    __slots__ = (
        *("_file", "_flat", "_flat_file", "_ikev2", "_margin", "_mode", "_modes", "_of_host", "_open", "_strayed"),
        *("_top", "prompts"),
    )

    def __init__(self, file: TextFile) -> None:
        self._file = file
        self._top: list[Line] = []
        self._open: list[tuple[int, Line]] = []  # indentation and line, outermost first
        self._flat = self._flat_file = _has_lost_indentation(file)
        self._ikev2: tuple[int, Line, str] | None = None  # the last IKEv2 stanza: indentation, header, kind
        self._margin = 0  # characters of the line's own number before it, in a listing with line numbers
        self._mode: str | None = None  # of the prompt of this line, empty at the global one, None without a prompt
        self._modes: dict[str, list[tuple[int, Line]]] = {}  # what was open when a prompt of that mode was last seen
        self._strayed = False  # whether lines without a prompt stood between
        self._of_host: dict[str, dict[str, list[tuple[int, Line]]]] = {}  # the same for each router of the session
        self.prompts: list[Prompt] = []

    def run(self) -> list[Line]:
        """Reads the file in pieces: one in which every line is plain is read with nothing looked for."""
        lines = self._file.lines
        number, total = 0, len(lines)
        numbered = has_line_numbers(self._file)
        while number < total:
            end = min(total, number + PIECE)
            if numbered or self._flat or not _is_plain("~".join(lines[number:end])):
                while number < end:
                    number = self._line(number, numbered)
            else:
                self._plain(number, end)
                number = end
        return self._top

    def _plain(self, start: int, end: int) -> None:
        """Lines without prompts, banners, certificates, tabs or anything else to be taken off."""
        file, opened, command = self._file, self._open, LineKind.COMMAND
        for number, raw in enumerate(file.lines[start:end], start + 1):
            text = raw.strip(" ")
            if not text:
                self._add(Line(number, 1, "", LineKind.BLANK, file))
                continue
            first = text[0]
            if first == "!":
                self._comment(number, raw, text)
                continue
            indent = raw.index(first)
            if first in _MAY_BE_NOISE and is_noise(raw, text):
                self._add(Line(number, indent + 1, text, LineKind.NOISE, file))
                continue
            line = Line(number, indent + 1, text, command, file)
            if (
                not indent
                or (self._ikev2 is not None and indent <= self._ikev2[0])
                or (first in "ceq" and (text in _ENDS or text.startswith("crypto ikev2 ")))
            ):
                self._place(line)
                continue
            # The rest of `_place`, for the lines that are most of a file.
            while opened and opened[-1][0] >= indent:
                opened.pop()
            if len(opened) > 1 and _begins_a_level(opened[-1][1]) and _is_leaf(opened[-2][1], opened[-1][1]):
                opened.pop()
            (opened[-1][1].children if opened else self._top).append(line)
            if len(opened) < DEEPEST:
                opened.append((indent, line))

    def _line(self, number: int, numbered: bool) -> int:
        """Takes the line behind `number` others, whatever it is, and those that it swallows. How many are done."""
        lines = self._file.lines
        raw = lines[number]
        number += 1
        if numbered:
            raw = self._without_number(raw)
        text = raw.strip(" ")
        if not text.isascii() or not text.isprintable():
            raw, text = cleaned(raw)
        if not text:
            self._add(Line(number, 1, "", LineKind.BLANK, self._file))
            return number
        first = text[0]
        if first == "!":
            self._comment(number, raw, text)
            return number
        column = len(raw) - len(raw.lstrip(" ")) + 1
        if ("#" in text or ">" in text or "(config" in text) and (prompt := _PROMPT.match(text)):
            column, text = self._prompted(number, column, text, prompt)
            if not text:
                return number
            if text[0] == "!":  # a remark typed into a terminal
                self._add(Line(number, column, text, LineKind.COMMENT, self._file))
                return number
        elif (first in _MAY_BE_NOISE and is_noise(raw, text)) or (first in "${" and is_variable(text)):
            self._add(Line(number, column, text, LineKind.NOISE, self._file))
            return number
        if (" ! " in text or " |" in text or "; " in text) and (pieces := separated(text)):
            for piece in pieces:
                part = Line(number, column + piece.column, piece.text, LineKind.COMMAND, self._file)
                self._place_by_meaning(part)
            return number
        line = Line(number, column, text, LineKind.COMMAND, self._file)
        self._place(line)
        if "anner" in text and (match := _BANNER.match(text)):
            number = self._banner(line, match.end(), number)
        elif text.startswith("cert") and self._in_chain(line):
            number = self._certificate(line, number)
        return number

    def _add(self, line: Line) -> None:
        """A line without meaning of its own: below the innermost open stanza it follows."""
        (self._open[-1][1].children if self._open else self._top).append(line)

    def _comment(self, number: int, raw: str, text: str) -> None:
        column = raw.find("!") + 1
        line = Line(number, column, text, LineKind.COMMENT, self._file)
        # `show running-config` prints `!` at column 1 between stanzas, but a comment never closes a stanza in IOS: in a
        # file written by hand it may stand in the middle of one.
        if column - self._margin == 1 and not self._flat and not (self._open and self._goes_on(number)):
            self._open.clear()
            self._top.append(line)
        else:
            self._add(line)

    def _goes_on(self, number: int) -> bool:
        """Whether the next command after this 1-based line is an indented one that a stanza may take."""
        for raw in self._file.lines[number : number + 5]:
            text = raw[self._margin :] if self._margin else raw
            if text.strip(" ") and not text.startswith("!"):
                return text[0] in " \t" and text.lstrip()[:1] != "!"
        return False

    def _prompted(self, number: int, column: int, text: str, prompt: re.Match[str]) -> tuple[int, str]:
        """Takes a terminal prompt off; a prompt alone, or with a command that configures nothing, is noise."""
        rest = text[prompt.end() :]
        mode = prompt[2] or ""
        self._host(number, prompt[1], bool(mode), rest)
        if not rest.strip() or not mode or rest.startswith(("show ", "sh ", "do ", "$")):
            self._add(Line(number, column, text, LineKind.NOISE, self._file))
            if not mode:
                self._open.clear()
                self._flat = self._flat_file
            return column, ""
        if mode in ("(config)", "(cfg)"):
            self._open.clear()
            self._modes.clear()
            mode = ""
        elif self._strayed and mode in self._modes:
            self._open[:] = self._modes[mode]  # an answer of the CLI or the output of a `do show` closed nothing
        elif not self._open:
            self._open.extend(self._modes.get("") or ())
        self._strayed = False
        self._mode = mode
        self._flat = True
        return column + prompt.end(), rest.strip(" ")

    def _host(self, number: int, name: str, configures: bool, command: str) -> None:
        """Notes the name of a prompt that says of which router the lines after it are."""
        if not configures and not command.startswith(("show run", "sh run", "show conf", "show start", "sh start")):
            return
        last = self.prompts[-1] if self.prompts else None
        if last is None or last.name != name or (configures and not last.configures):
            if last is not None and last.name != name:
                self._of_host[last.name] = self._modes
                self._modes = self._of_host.get(name, {})
                self._open[:] = ()
            self.prompts.append(Prompt(number, name, configures))

    def _without_number(self, raw: str) -> str:
        """The line with blanks in place of the number that a listing put before it."""
        match = NUMBERED.match(raw) or NUMBERED.match(raw + " ")
        self._margin = match.end() if match else 0
        return " " * self._margin + raw[self._margin :]

    def _place(self, line: Line) -> None:
        indent = line.column - 1 - self._margin
        opened = self._open
        if self._flat:
            self._place_by_meaning(line)
            return
        if self._ikev2 is not None and indent <= self._ikev2[0] and self._joined(line, indent):
            return
        while opened and opened[-1][0] >= indent:
            opened.pop()
        if len(opened) > 1 and _begins_a_level(opened[-1][1]) and _is_leaf(opened[-2][1], opened[-1][1]):
            opened.pop()  # uneven indentation, not a level of its own
        if line.text.startswith("crypto ikev2 ") and (kind := stanza_of(line.text)):
            self._ikev2 = (indent, line, kind)
            opened.clear()  # it is global, however far it is indented
        elif not indent:
            self._ikev2 = None
        if opened:
            opened[-1][1].children.append(line)
        else:
            self._top.append(line)
        if line.text == "end":
            opened.clear()
        elif line.text not in _ENDS and len(opened) < DEEPEST:
            opened.append((indent, line))

    def _joined(self, line: Line, indent: int) -> bool:
        """Puts a line that is indented no deeper than the IKEv2 stanza before it there, if it is one of its own."""
        assert self._ikev2 is not None
        _, header, kind = self._ikev2
        words = line.text.split(None, 3)
        first = words[1] if words[0] in ("no", "default") and len(words) > 1 else words[0]
        if kind == "keyring" and first in SUBCOMMANDS["peer"] and header.children:
            block = next((one for one in reversed(header.children) if one.text.startswith("peer ")), None)
            if block is not None and first not in ("description", "hostname"):
                block.children.append(line)
                return True
        if first not in SUBCOMMANDS.get(kind, ()) or (first == "aaa" and not _is_of_profile(words)):
            return False
        if _is_only_global(words) or (words[1:2] == ["attribute"] and self._has_attributes(line)):
            return False
        header.children.append(line)
        if first == "peer" and kind == "keyring":  # its own lines follow, indented or not
            self._open[:] = [(indent, line)]
        return True

    def _place_by_meaning(self, line: Line) -> None:
        """Below the innermost open stanza of which the line is a sub-command, else at the top."""
        opened = self._open
        if line.text in _ENDS:
            self._add(line)
            if line.text == "end":
                opened.clear()
            elif opened:
                opened.pop()
            return
        words = line.text.split(None, 2)
        first = words[1] if words[0] in ("no", "default") and len(words) > 1 else words[0]
        first = first.lower()
        stanza = stanza_of(line.text)
        innermost = opened[-1:]
        while opened:
            kind = stanza_of(opened[-1][1].text, inside=True)
            is_global = (stanza and _is_global(first, words)) or line.text.endswith("aaa new-model")
            if is_subcommand(first, kind) and not is_global and not _is_only_global(words):
                break
            if kind == "authorization_policy" and stanza == "attribute_list" and not self._has_attributes(line):
                stanza = ""  # the list is named here, not opened
                break
            opened.pop()
        if self._mode and innermost and not opened and not stanza:
            opened.extend(innermost)  # the prompt says that it was typed inside the stanza, known there or not
        if opened:
            opened[-1][1].children.append(line)
        else:
            self._top.append(line)
        if stanza or (opened and first in _NESTED):
            opened.append((len(opened), line))
        if self._mode is not None:
            self._modes[self._mode] = opened.copy()
            self._mode = None
        else:
            self._strayed = True

    def _has_attributes(self, line: Line) -> bool:
        """Whether an `aaa attribute list NAME` opens that list: lines of one follow."""
        following = (text for raw in self._file.lines[line.number : line.number + 5] if (text := raw[:80].strip()))
        return next((text for text in following if text[0] != "!"), "").startswith("attribute ")

    def _in_chain(self, line: Line) -> bool:
        return any(
            parent.text.startswith(("crypto pki certificate chain", "crypto ca certificate chain"))
            for _, parent in self._open
        )

    def _certificate(self, line: Line, number: int) -> int:
        """Takes the hex lines of a certificate up to `quit`; a certificate cut in half ends at the first other line."""
        lines = self._file.lines
        while number < len(lines):
            text = lines[number].strip()
            if text != "quit" and text and not _HEX.match(text[:200]):
                break
            number += 1
            line.children.append(Line(number, 1, text, LineKind.CERTIFICATE, self._file))
            if text == "quit":
                break
        return number

    def _banner(self, line: Line, at: int, number: int) -> int:
        """Takes the lines of a banner up to its delimiter: `^C` as IOS prints it, ETX, or any other character."""
        text = line.text[at:]
        if not text:
            return number
        delimiter = "^C" if text.startswith("^C") else text[0]
        if len(delimiter) == 1 and delimiter.isalnum() and not line.text.lower().startswith("banner"):
            return number  # ` banner TEXT` inside a stanza that has no delimited banner
        if delimiter in text[len(delimiter) :]:
            return number
        lines = self._file.lines
        stop = min(len(lines), number + BANNER_LIMIT)
        end = next((n for n in range(number, stop) if delimiter in lines[n]), None)
        if end is None or (end < stop and _BANNER.match(lines[end])):
            return number  # unterminated: the lines after it are read as configuration, and `syntax` says so
        for n in range(number, end + 1):
            line.children.append(Line(n + 1, 1, lines[n].strip(), LineKind.BANNER, self._file))
        return end + 1


_ENDS = frozenset({"exit", "end", "quit", "exit-address-family"})
_NESTED = frozenset({"peer", "address-family", "certificate"})


# Stanzas whose lines have no lines of their own.
_OF_LEAVES = frozenset(SUBCOMMANDS) - {
    "keyring", "certificate_chain", "interface", "vrf", "router", "other", "server_group", "line", "isakmp",
}  # fmt: skip


def _is_plain(text: str) -> bool:
    """Whether nothing in these lines, joined, asks for more than their indentation."""
    return text.isascii() and text.isprintable() and not any(sign in text for sign in _NOT_PLAIN)


def _begins_a_level(line: Line) -> bool:
    """Whether a line below this one would be the first after a remark or after the line itself."""
    return not line.children or line.children[-1].kind is not LineKind.COMMAND


def _is_leaf(header: Line, line: Line) -> bool:
    """Whether a line of this stanza cannot have lines of its own, because it is one of its sub-commands."""
    kind = stanza_of(header.text, inside=True)
    return kind in _OF_LEAVES and line.text.split(None, 1)[0] in SUBCOMMANDS[kind]


_BANNERS = frozenset("motd login exec incoming slip-ppp prompt-timeout config-save".split())


def _is_only_global(words: list[str]) -> bool:
    """Whether a line is global though it begins as a sub-command of an authorization policy or interface does."""
    first, second = words[0].lower(), words[1].lower() if len(words) > 1 else ""
    if first == "banner":
        return second in _BANNERS
    return (first in ("ip", "ipv6") and second == "local") or (first == "ipv6" and second == "unicast-routing")


def _is_of_profile(words: list[str]) -> bool:
    """Whether an `aaa` line is one of a profile or of an authorization policy, not a global method list."""
    return len(words) > 2 and (words[1], words[2]) in (
        ("authorization", "group"),
        ("authorization", "user"),
        ("authentication", "eap"),
        ("authentication", "anyconnect-eap"),
        ("attribute", "list"),
    )


def _is_global(first: str, words: list[str]) -> bool:
    """Whether a line that opens a stanza of its own can only be global, though its first word is a sub-command too."""
    return first in ("crypto", "interface", "aaa", "ip", "ipv6", "vrf", "radius") and words[0] not in ("no", "default")


def _has_lost_indentation(file: TextFile) -> bool:
    """Whether sub-commands follow the headers of their stanzas without being indented, and hardly any is."""
    lost = indented = 0
    kind = ""
    for raw in file.lines[:5_000]:
        text = raw[:200].strip()
        if not text or text[0] == "!":
            continue
        is_indented = raw[:1] in (" ", "\t", "\xa0")
        if kind and is_indented:
            indented += 1
        opens = "" if is_indented else stanza_of(text)
        words = text.split(None, 2)
        if kind and not is_indented and not opens and is_subcommand(words[0].lower(), kind):
            lost += not _is_only_global(words)
        kind = opens
    return lost > 0 and indented * 4 < lost
