"""What the messages of the catalogue mean for a negotiation: negative, harmless or a symptom, and in which phase.

Comes in: a catalogue id, sometimes its fields. Goes out: sets and small tables that `negotiations` looks ids up in.
Nothing here knows a negotiation. An error text appears in the catalogue twice, alone and after `context:`; `same_as`
joins the two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flexlint.log.model import Phase

if TYPE_CHECKING:
    from flexlint.log.events import Event

same_as = {
    "M127": "M126",
    "M173": "M111",
    "M305": "M070",
    "M314": "M299",
    "M315": "M298",
    "M316": "M116",
    "M317": "M154",
    "M318": "M070",
    "M319": "M073",
    "M320": "M076",
    "M321": "M130",
    "M322": "M133",
    "M323": "M087",
    "M324": "M238",
    "M325": "M088",
    "M326": "M123",
    "M327": "M061",
    "M328": "M213",
    "M329": "M156",
    "M330": "M049",
    "M331": "M089",
    "M332": "M271",
    "M333": "M301",
    "M334": "M071",
}

# Negative by themselves, with the phase they belong to; None: the phase that the negotiation has reached.
NEGATIVE: dict[str, Phase | None] = {
    "M049": Phase.SA_INIT,
    "M061": Phase.SA_INIT,
    "M070": None,
    "M071": None,
    "M073": None,
    "M088": Phase.AUTHENTICATION,
    "M089": None,
    "M114": Phase.IDENTITY,
    "M116": None,
    "M123": Phase.AUTHENTICATION,
    "M128": Phase.AUTHENTICATION,
    "M129": Phase.AUTHENTICATION,
    "M130": Phase.AUTHENTICATION,
    "M132": Phase.AUTHENTICATION,
    "M154": Phase.AUTHENTICATION,
    "M155": Phase.AUTHENTICATION,
    "M156": Phase.AUTHENTICATION,
    "M212": Phase.CONFIG_MODE,
    "M216": Phase.CONFIG_MODE,
    "M238": Phase.CHILD_SA,
    "M240": Phase.CHILD_SA,
    "M299": None,
    "M300": Phase.SA_INIT,
}

BY_PEER = frozenset({"M073", "M240"})  # those in which it is the peer that refuses

# What a router does because something failed before: a failure only where nothing else says why.
SYMPTOMS = frozenset({"M072", "M086", "M087", "M131", "M133", "M136", "M239", "M277", "M286"})

# Printed on healthy negotiations too (R: several Cisco releases): they count only where a failure follows.
# With the phase they belong to; None: the phase that the negotiation has reached.
DOUBTFUL: dict[str, Phase | None] = {
    "M026": Phase.AUTHENTICATION,
    "M076": Phase.SA_INIT,
    "M115": Phase.IDENTITY,
    "M160": Phase.AUTHENTICATION,
    "M162": Phase.AUTHENTICATION,
    "M163": Phase.AUTHENTICATION,
    "M164": Phase.AUTHENTICATION,
    "M165": Phase.AUTHENTICATION,
    "M166": Phase.AUTHENTICATION,
    "M189": Phase.AUTHORIZATION,  # its wording is not known exactly
    "M204": None,
    "M213": None,
    "M233": Phase.CHILD_SA,  # nor is this one's
    "M245": Phase.CHILD_SA,
    "M246": Phase.CHILD_SA,
    "M247": Phase.CHILD_SA,
    "M248": Phase.CHILD_SA,
}
AAA_REFUSES = frozenset({"M195", "M196", "M203"})  # where their result is one of the next
REFUSALS = frozenset(
    {"Reject", "FAIL", "ERROR", "protocol reply FAIL for Authorization", "protocol reply ERROR for Authorization"}
)

# Negative, but another line of the same phase says more: that one is then the cause.
VAGUE = frozenset({"M071", "M128", "M130", "M132", "M151", "M154", "M155", "M236", "M256"})

PASSED_OR_FAILED: dict[str, Phase] = {
    "M038": Phase.SA_INIT,
    "M080": Phase.SA_INIT,
    "M100": Phase.AUTHENTICATION,
    "M145": Phase.AUTHENTICATION,
    "M146": Phase.AUTHENTICATION,
    "M148": Phase.AUTHENTICATION,
    "M151": Phase.AUTHENTICATION,
    "M153": Phase.AUTHENTICATION,
    "M236": Phase.CHILD_SA,
    "M256": Phase.CHILD_SA,
}

# Error notifies of RFC 7296 section 3.10.1 that end something. Left out: those a negotiation goes on after.
ERROR_NOTIFIES: dict[str, Phase | None] = {
    "AUTHENTICATION_FAILED": Phase.AUTHENTICATION,
    "FAILED_CP_REQUIRED": Phase.CONFIG_MODE,
    "INTERNAL_ADDRESS_FAILURE": Phase.CONFIG_MODE,
    "INVALID_MAJOR_VERSION": Phase.SA_INIT,
    "INVALID_SELECTORS": Phase.CHILD_SA,
    "INVALID_SYNTAX": None,
    "NO_PROPOSAL_CHOSEN": None,
    "SINGLE_PAIR_REQUIRED": Phase.CHILD_SA,
    "TS_UNACCEPTABLE": Phase.CHILD_SA,
    "UNSUPPORTED_CRITICAL_PAYLOAD": None,
}

# A negotiation may print these after `Deleting SA` without a new one having begun.
AFTER_DELETION = frozenset(
    "M010 M035 M087 M090 M133 M136 M137 M142 M143 M250 M251 M265 M270 M271 M281 M282 M283 M284 M285 M286 M287 M288 "
    "M289 M290 M291 M294 M302 M352 M353".split()
)

# Lines without ids that a look-up prints (profile, keyring, policy).
LOOKUPS = frozenset({"M023", "M024", "M025", "M026", "M027", "M028", "M029", "M030", "M031", "M112", "M114", "M115"})
# After these the router waits for another process, or for the peer: it looks nothing up meanwhile.
PAUSES = frozenset({"M037", "M039", "M077", "M078", "M085", "M171", "M184", "M255", "M269"})
BY_SEARCH = frozenset({"M112", "M114", "M115"})

PACKETS = frozenset({"M001", "M002"})
CONTINUATIONS = frozenset({"M003", "M004", "M005", "M006", "M045", "M046", "M067", "M068", "M069", "M107", "M345"})
CONFIG_HEADERS = frozenset({"M092", "M209"})  # `Config data ...:`, which the next line owns
MLISTS = frozenset({"M182", "M183"})
# Of packets that belong to no live SA, and counters of all SAs.
NOBODYS = frozenset({"M014", "M015", "M032", "M033", "M034", "M035", "M298", "M299", "M302", "M314", "M315"})

# Lines without ids that may wait for the line which tells their owner.
WAITS = frozenset({*LOOKUPS, *CONFIG_HEADERS, *MLISTS})

# The first lines of a responder's negotiation that print its ids.
RECEIVES_FIRST = frozenset({"M047", "M062", "M063"})
BEGINS = frozenset({"M043", "M047", "M062"})


def polarity_of(event: Event) -> str:
    """`+` for a success, `-` for a failure, `0` for neither."""
    result = event.fields.get("result") or event.fields.get("state") or ""
    if result in ("FAILED", "DOWN", "down") or result.endswith(("FAIL", "ERROR")) or result == "Reject":
        return "-"
    if result in ("PASSED", "UP", "up"):
        return "+"
    message = same_as.get(event.message, event.message)
    if message in NEGATIVE or message in SYMPTOMS:
        return "-"
    if message == "M006":
        return "-" if any(f"NOTIFY({name})" in event.text for name in ERROR_NOTIFIES) else "0"
    from flexlint.log.catalogue import messages

    row = messages().get(message)
    return row.polarity if row is not None and row.polarity in ("+", "-") else "0"
