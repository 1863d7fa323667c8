"""Lines that were not understood, and lines that undo each other.

Comes in: a device with what the grammar could not read. Goes out: findings of the family SYN. A word that may be a
key is never repeated in a message.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from flexlint.checks.device.edits import SLIP, exchanged, letters_apart, removed, rewritten
from flexlint.checks.device.references import KINDS, label, uses
from flexlint.checks.device.wording import SECRET, is_placeholder, listed, shown
from flexlint.config.model import Device, Line, LineKind, Stanza, Statement, Unparsed
from flexlint.data import folder, read_table
from flexlint.finding import Finding, Severity
from flexlint.pattern import pattern
from flexlint.place import Word
from flexlint.rulebook import DeviceCase, Findings, Scope, check

# Commands of ASA that IOS does not have (V: Cisco TechNote 117337 shows both sides).
_ASA = pattern(r"tunnel-group |crypto ikev2 enable |crypto ipsec ikev2 ipsec-proposal |crypto ikev1 |group-policy ")
_ASA_POLICY = pattern(r"crypto ikev2 policy \d+$")
_GLOBAL = pattern(r"(?:no )?(?:crypto |interface |aaa (?:new-model|group )|ip (?:route|local|access-list) )")


@check("SYN204", on=Scope.DEVICE)
def asa_command(case: DeviceCase) -> Findings:
    """ASA syntax in an IOS configuration; one finding for the file."""
    if case.device.not_ios:
        return
    foreign = [line for line in case.device.lines if _is_asa(line)]
    if foreign:
        finding = Finding(f"'{shown(foreign[0].text)}' is a command of ASA, not of IOS").at(foreign[0]).about("asa")
        for line in foreign[1:4]:
            finding.also(line, "ASA too")
        yield finding


def _is_asa(line: Line) -> bool:
    if line.kind is not LineKind.COMMAND:
        return False
    if _ASA_POLICY.match(line.text):
        return any(child.text.startswith(("encryption ", "lifetime ", "prf ")) for child in line.children)
    return _ASA.match(line.text) is not None


@check("SYN205", on=Scope.DEVICE)
def unknown_command(case: DeviceCase) -> Findings:
    """A line of a modelled stanza that the grammar does not accept."""
    for one in case.device.unparsed:
        if is_placeholder(one.line.text) or _ASA.match(one.line.text):
            continue
        if one.stanza == "interface" and not one.suggestion:
            continue  # interfaces have many commands outside of IKEv2; only a probable slip is told
        finding = Finding(_not_understood(one)).at(one.word if one.word else one.line)
        finding.about(one.stanza, shown(one.line.text))
        if one.suggestion:
            is_slip = letters_apart(one.word.lower(), one.suggestion) <= SLIP
            finding.mend(f"write '{one.suggestion}'", *(exchanged(one.word, one.suggestion) if is_slip else []))
        yield finding
    yield from _remarks(case.device)


@check("SYN206", on=Scope.DEVICE)
def global_command_in_stanza(case: DeviceCase) -> Findings:
    """A global command indented below a header: IOS takes it, and leaves the stanza."""
    for head in case.device.lines:
        if not head.text.startswith("crypto "):
            continue
        commands = [line for line in head.children if line.kind is LineKind.COMMAND]
        last = next((line for line in reversed(commands) if not _GLOBAL.match(line.text)), None)
        for line in commands:
            if not _GLOBAL.match(line.text):
                continue
            lost = last if last is not None and last.number > line.number else None
            if lost is None and line.children:
                continue  # a stanza that is merely indented takes nothing from the one above it
            finding = Finding(f"'{shown(line.text)}' is a global command and ends '{shown(head.text)}'")
            finding.at(line).also(lost or head, "no longer belongs to it" if lost else "the stanza it ends")
            yield finding.about(shown(head.text), shown(line.text)).lowered(None if lost else Severity.NOTE)


def _remarks(device: Device) -> Findings:
    """`# ...` behind a command: pages and templates have it, IOS takes it for a part of the command."""
    found = [word for word in device.remarks if word.startswith("#")]
    if found:
        more = f", and on {len(found) - 1} more line{'s' * (len(found) > 2)}" if len(found) > 1 else ""
        finding = Finding(f"a remark stands behind a command{more}: read without it, but IOS would refuse the line")
        yield finding.at(found[0]).about("remark").lowered(Severity.NOTE)


def _stanza(one: Unparsed) -> str:
    return one.stanza.replace("_", " ")


def _not_understood(one: Unparsed) -> str:
    where = "" if one.stanza == "global" else f" in this {_stanza(one)}"
    expected = f"expected: {listed(one.expected, 12)}" if one.expected else "nothing more was expected"
    tail = f"did you mean '{one.suggestion}'? {expected}" if one.suggestion else expected
    if not one.word:
        return f"'{shown(one.line.text)}' ends too early{where}; {tail}"
    before = one.line.text[: max(0, one.word.column - one.line.column)]
    word = "********" if SECRET.search(before) else one.word[:60]
    return f"'{word}' is not understood{where}; {tail}"


# The collections whose stanzas are checked for lines that repeat or undo each other.
STANZAS = (
    "proposals",
    "policies",
    "keyrings",
    "profiles",
    "authorization_policies",
    "clients",
    "transform_sets",
    "ipsec_profiles",
    "trustpoints",
)


def stanzas(device: Device) -> Iterator[tuple[str, Stanza]]:
    """Every stanza of the crypto commands, peers of keyrings included, with its collection."""
    for collection in STANZAS:
        for one in getattr(device, collection).values():
            yield collection, one
            if collection == "keyrings":
                for peer in one.peers:
                    yield "peers", peer


@check("SYN207", on=Scope.DEVICE)
def duplicate_line(case: DeviceCase) -> Findings:
    """The same line twice in one piece of a stanza; a stanza that is pasted twice repeats all of its lines."""
    for _, one in stanzas(case.device):
        if len(one.headers) > 1 or len({statement.line.text for statement in one.statements}) == len(one.statements):
            continue
        first: dict[str, Statement] = {}
        for statement in one.statements:
            text = " ".join(statement.line.text.split())
            earlier = first.setdefault(text, statement)
            if earlier.line is not statement.line:
                finding = Finding(f"'{shown(text)}' stands twice in '{one.name}'").at(statement)
                finding.also(earlier, "the first time").about(one.name, shown(text))
                yield finding.mend("take one of the two out", *removed(statement.line), safe=True)


@check("SYN208", on=Scope.DEVICE)
def repeated_stanza(case: DeviceCase) -> Findings:
    """A stanza in two pieces, the second of which replaces a list of the first."""
    for collection, one in stanzas(case.device):
        if len(one.headers) > 1 and (lost := _replaced(collection, one)) is not None:
            finding = Finding(f"'{shown(one.line.text)}' is opened again, and replaces '{shown(lost.line.text)}'")
            yield finding.at(one.headers[1]).also(lost, "replaced").about(collection, one.name)


def _replaced(collection: str, one: Stanza) -> Statement | None:
    """The first statement of the first piece that a later piece sets again to something else."""
    return next(
        (early for early, late in overwritten(collection, one) if late.line.number > one.headers[1].number), None
    )


# Statements of which the last one holds (V: Cisco-IOS-XE-crypto.yang, leaf or replaced list), by collection.
SINGLE = {
    "proposals": {"encryption", "integrity", "prf", "group"},
    "policies": {"match_fvrf"},
    "profiles": {
        *(
            "match_fvrf",
            "identity_local",
            "keyring_local",
            "keyring_aaa",
            "virtual_template",
            "ivrf",
            "lifetime",
            "dpd",
        ),
        *("nat_keepalive", "reconnect", "anyconnect_profile"),
    },
    "peers": {"address", "identity", "hostname", "key", "local_key", "remote_key", "ppk"},
    "clients": {"client_connect", "connect", "backup_group"},
    "transform_sets": {"mode"},
    "ipsec_profiles": {"ikev2_profile", "isakmp_profile", "pfs", "transform_set", "lifetime_seconds", "lifetime_days"},
    "authorization_policies": {"pool", "ipv6_pool", "netmask", "def_domain", "dns", "wins", "session_lifetime"},
    "trustpoints": {"subject_name", "fqdn", "hash", "vrf", "revocation", "rsakeypair", "eckeypair", "chain_validation"},
}


@cache
def _excluded() -> dict[tuple[str, str], frozenset[str]]:
    """For a kind of statement those that it takes away, by collection."""
    found: dict[tuple[str, str], frozenset[str]] = {}
    for row in read_table(folder("grammars") / "facts" / "exclusions.tsv"):
        groups = [frozenset(group.split("+")) for group in row["kinds"].split()]
        for group in groups:
            for kind in group:
                found[row["from"], kind] = frozenset().union(*groups) - group
    return found


def overwritten(collection: str, one: Stanza) -> Iterator[tuple[Statement, Statement]]:
    """Pairs of statements of which the later undoes the earlier by another value."""
    last: dict[str, Statement] = {}
    for statement in one.statements:
        if statement.negated or statement.defaulted:
            taken = statement.line.text.split(None, 1)[1]
            for kind in [kind for kind, said in last.items() if said.line.text.startswith(taken)]:
                del last[kind]
            last.pop(statement.kind, None)
            continue
        if statement.kind not in SINGLE.get(collection, ()):
            continue
        for other in sorted(_excluded().get((collection, statement.kind), ())):
            if (taken_away := last.pop(other, None)) is not None:
                yield taken_away, statement
        earlier = last.get(statement.kind)
        if earlier is not None and earlier.line.text.split() != statement.line.text.split():
            yield earlier, statement
        last[statement.kind] = statement


@check("SYN209", on=Scope.DEVICE)
def overwritten_setting(case: DeviceCase) -> Findings:
    """Two values for a setting of which only the last holds."""
    for collection, one in stanzas(case.device):
        for earlier, later in overwritten(collection, one):
            if len(one.headers) > 1 and later.line.number > one.headers[1].number:
                continue  # SYN208
            if _ends_between(one, earlier, later):
                continue  # SYN206: the later line belongs to another stanza
            finding = Finding(f"'{shown(earlier.line.text)}' has no effect: a later line of '{one.name}' replaces it")
            finding.at(earlier).also(later, "holds").about(one.name, earlier.kind)
            edits = removed(earlier.line) if earlier.kind == later.kind else []
            yield finding.mend("keep the one that is meant; as it stands, the later", *edits, safe=True)


def _ends_between(one: Stanza, earlier: Statement, later: Statement) -> bool:
    """Whether a global command stands between two lines, so that IOS left the stanza there."""
    between = range(earlier.line.number, later.line.number)
    children = (child for head in one.headers or [one.line] for child in head.children)
    return any(child.number in between and _GLOBAL.match(child.text) for child in children)


_DELETED = pattern(r"no crypto (ikev2|ipsec) (proposal|keyring|profile|name-mangler|transform-set) (\S+)$")
_DELETABLE = {
    ("ikev2", "proposal"): "proposal",
    ("ikev2", "keyring"): "keyring",
    ("ikev2", "name-mangler"): "name-mangler",
    ("ikev2", "profile"): "IKEv2 profile",
    ("ipsec", "profile"): "IPsec profile",
    ("ipsec", "transform-set"): "transform-set",
}


@check("SYN210", on=Scope.DEVICE)
def deleted_object(case: DeviceCase) -> Findings:
    """A `no` line takes away an object that something names, and nothing defines it again."""
    named = {(use.reference.kind, str(use.name)): use for use in uses(case.device)}
    for line in case.device.lines:
        found = _DELETED.match(line.text)
        kind = _DELETABLE.get((found[1], found[2])) if found else None
        if found is None or kind is None or found[3] == "default" or found[3] in KINDS[kind](case.device):
            continue
        use = named.get((kind, found[3]))
        if use is not None:
            finding = Finding(f"{kind} '{found[3]}' is deleted here, and {label(use)} names it")
            yield finding.at(line).also(use.name, "named here").about(kind, found[3])


@check("SYN211", on=Scope.DEVICE)
def placeholder(case: DeviceCase) -> Findings:
    """Values that are template variables or were taken out; one finding for the file, for they come in crowds."""
    if not any(is_placeholder(line) for line in case.device.source.lines):
        return
    found = [
        (one, statement)
        for _, one in stanzas(case.device)
        for statement in one.statements
        if any(is_placeholder(word) for word in statement.words)
    ]
    if found:
        one, statement = found[0]
        word = next(word for word in statement.words if is_placeholder(word))
        more = f", and {len(found) - 1} more line{'s' * (len(found) > 2)}" if len(found) > 1 else ""
        yield (
            Finding(f"'{one.name}' has a placeholder for a value{more}; such values are not checked")
            .at(word)
            .about("placeholder")
        )


@check("SYN213", on=Scope.DEVICE)
def misspelt_limit(case: DeviceCase) -> Findings:
    """V: the keyword of the command is spelled `max-in-negotation-sa`."""
    for line in case.device.lines:
        if line.text.startswith("crypto ikev2 limit max-in-negotiation-sa"):
            yield (
                Finding("IOS spells the keyword `max-in-negotation-sa`; the guides spell it `negotiation`")
                .at(line)
                .about("max-in-negotation-sa")
                .mend(
                    "write `max-in-negotation-sa`",
                    *rewritten(line, line.text.replace("max-in-negotiation-sa", "max-in-negotation-sa", 1)),
                    safe=True,
                )
            )


@check("SYN214", on=Scope.DEVICE)
def other_platform(case: DeviceCase) -> Findings:
    """The file is another platform's: nothing in it is checked."""
    device = case.device
    if device.not_ios:
        at = device.lines[0] if device.lines else Word.at("", 1, 1, device.source)
        yield (
            Finding(f"this is a configuration of {device.not_ios}, not of IOS: it is not checked")
            .at(at)
            .about(device.not_ios)
        )
