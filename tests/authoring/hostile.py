"""Logs that are made to be a nuisance: each kind as the bytes of so many lines, or so many kilobytes of one line.

Comes in: a number. Goes out: blocks of bytes. Nothing in them is a fault of a router.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

S = "IKEv2:(SESSION ID = {0},SA ID = {1}):"
GOOD = "*Mar  3 07:00:00.000: " + S.format(1, 1) + "Processing IKE_AUTH message\n"
NAME = "a-long-name-of-a-branch-{0}.example.com"


def _clock(index: int) -> str:
    return f"*Mar  3 07:{index // 60_000 % 60:02d}:{index // 1000 % 60:02d}.{index % 1000:03d}: "


def _packet(index: int) -> str:
    peer = f"203.0.{index // 250 % 250}.{index % 250}"
    spi = f"{index * 7919 + 1:016X}"
    return (
        f"{_clock(index)}IKEv2:Received Packet [From {peer}:500/To 192.0.2.1:500/VRF i0:f0] \n"
        f"Initiator SPI : {spi} - Responder SPI : 0000000000000000 Message id: 0\n"
        "IKEv2 IKE_SA_INIT Exchange REQUEST \nPayload contents: \n SA KE N VID \n\n"
    )


def _one_line(start: str, filler: str) -> Callable[[int], Iterator[str]]:
    def line(kilobytes: int) -> Iterator[str]:
        yield GOOD + start
        for _ in range(kilobytes):
            yield filler * (1000 // len(filler))
        yield "\n" + GOOD

    return line


def _spis(count: int) -> Iterator[str]:
    return map(_packet, range(count))


def _unclosed(count: int) -> Iterator[str]:
    for index in range(count):
        head = _clock(index) + S.format(index + 1, index % 20_000 + 1)
        yield _packet(index) + "".join(
            f"{head}{text}\n"
            for text in (
                "Verify SA init message",
                "Completed SA init exchange",
                f"Searching policy based on peer's identity '{NAME.format(index)}' of type 'FQDN'",
            )
        )


def _failing(count: int) -> Iterator[str]:
    for index in range(count):
        head = _clock(index)
        ids = S.format(index + 1, index % 200 + 1)
        yield (
            f"{head}{ids}Searching policy based on peer's identity '{NAME.format(index)}' of type 'FQDN'\n"
            f"{head}IKEv2-ERROR:% IKEv2 profile not found\n"
            f"{head}IKEv2-ERROR:{ids.removeprefix('IKEv2:')}: Failed to locate an item in the database\n"
            f"{head}{ids}Auth exchange failed\n{head}{ids}Deleting SA\n"
        )


def _unknown(count: int) -> Iterator[str]:
    yield GOOD
    for index in range(count):
        word = "".join(chr(97 + index // 26**k % 26) for k in range(5))
        yield f"{_clock(index)}{S.format(1, 1)}Frobnicating {word} for the {index}th time\n"


def _wrapped(*widths: int) -> Callable[[int], Iterator[str]]:
    def cut(lines: list[str], width: int) -> list[str]:
        return [line[at : at + width] for line in lines for at in range(0, len(line), width)]

    def wrapped(count: int) -> Iterator[str]:
        for index in range(count):
            text = f"Searching policy based on peer's identity '{NAME.format(index)}' of type 'FQDN'"
            lines = [_clock(index) + S.format(index % 50, 1) + text]
            for width in widths:
                lines = cut(lines, width)
            yield "\n".join(lines) + "\n"

    return wrapped


def _devices(count: int) -> Iterator[str]:
    for index in range(count):
        yield f"<189>{index}: rtr{index}: {_clock(index)}{S.format(index % 99, 1)}Verify SA init message\n"


def _relayed(count: int) -> Iterator[str]:
    for index in range(count):
        yield f"Mar  3 07:00:00 rtr{index}.example {_clock(index)}{S.format(1, 1)}Processing IKE_AUTH message\n"


def _prompts(count: int) -> Iterator[str]:
    for index in range(count):
        yield f"rtr{index}#show crypto ikev2 sa\n" + (GOOD if index % 4 == 0 else "")


def _dump(count: int) -> Iterator[str]:
    yield GOOD
    yield f"{_clock(1)}IKEv2-PAK:(SESSION ID = 1,SA ID = 1):Next payload: SA, version: 2.0 Exchange type: IKE_SA_INIT\n"
    for index in range(count):
        yield "     " + " ".join(f"{index * k % 256:02x}" for k in range(16)) + "\n"
    yield GOOD


def _continued(count: int) -> Iterator[str]:
    yield GOOD + _packet(1)[:90] + "\n"
    yield from (" SA KE N VID \n" for _ in range(count))


def _nothing(count: int) -> Iterator[str]:
    yield GOOD + "\n" * count + GOOD


def _tickets(count: int) -> Iterator[str]:
    yield GOOD
    for index in range(count):
        yield f"{_clock(index)}AAA/BIND({index:08X}): Bind i/f\n"
        yield f"{_clock(index)}RADIUS({index:08X}): Send Access-Request to 10.0.0.1:1645 id 1645/7, len 60\n"


def _counted(count: int) -> Iterator[str]:
    yield GOOD + "Exit Path Table - status: enable, current entry 2, deleted 0, max allow 50\n"
    for index in range(count):
        yield f"Error({index % 7 + 1}): Detected an invalid IKE SPI\n -Traceback= 1#{index:x}\n"


def _traced(count: int) -> Iterator[str]:
    yield "ikev2_event:\n\n"
    for index in range(count):
        ends = f"Remote: 203.0.{index // 250 % 250}.{index % 250}/500 Local: 192.0.2.1/500"
        ids = f"SA ID:{index % 900 + 1} SESSION ID:{index + 1}"
        yield f"{_clock(index)}{ids} {ends}  (I) Sending IKEv2 IKE_SA_INIT Exchange REQUEST\n"


LINES: dict[str, Callable[[int], Iterator[str]]] = {
    "initiator SPIs that differ": _spis,
    "negotiations that never end": _unclosed,
    "failures that differ": _failing,
    "unknown lines that differ": _unknown,
    "lines that a terminal cut": _wrapped(80),
    "lines that two terminals cut": _wrapped(80, 60),
    "routers that differ": _devices,
    "routers of a relay that differ": _relayed,
    "prompts that differ": _prompts,
    "a dump without an end": _dump,
    "a packet without an end": _continued,
    "blank lines": _nothing,
    "requests to AAA that differ": _tickets,
    "errors that were counted": _counted,
    "an event trace": _traced,
}
ONE_LINE: dict[str, Callable[[int], Iterator[str]]] = {
    "a line of one letter": _one_line(_clock(1) + S.format(1, 1), "x"),
    "a line of blanks": _one_line(_clock(1) + S.format(1, 1) + "Using mlist A and username", " "),
    "a line of tags": _one_line("", S.format(1, 1) + "abc "),
    "a line of backspaces": _one_line("", "\x08"),
    "a line of packed lines": _one_line(_clock(1) + S.format(1, 1) + "Received Packet", "#012 SA KE N"),
    "a line of quotes": _one_line(_clock(1) + S.format(1, 1) + "Searching policy based on peer's identity ", "' of "),
}


def blocks(pieces: Iterator[str], size: int = 256 * 1024) -> Iterator[bytes]:
    """The pieces as blocks of about this many bytes."""
    held: list[str] = []
    length = 0
    for piece in pieces:
        held.append(piece)
        length += len(piece)
        if length >= size:
            yield "".join(held).encode()
            held, length = [], 0
    yield "".join(held).encode()
