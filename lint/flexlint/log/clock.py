"""The time of day that a log prints, as seconds.

Comes in: a clock as an event has it. Goes out: seconds, or None for a clock that has no time of day, such as an uptime
in weeks. Nothing here knows a date: a log names none reliably.
"""

from __future__ import annotations

DAY = 86_400


def seconds(clock: str) -> float | None:
    """Seconds since midnight of `hh:mm:ss.mmm`."""
    try:
        hours, minutes, rest = (float(part) for part in clock.replace(",", ".").split(":"))
    except ValueError:
        return None
    return hours * 3600 + minutes * 60 + rest


def between(earlier: str, later: str) -> float | None:
    """Seconds from one clock to the next, over midnight too. Clocks of two processors may run back a little."""
    a, b = seconds(earlier), seconds(later)
    if a is None or b is None:
        return None
    return b - a if b >= a - 1 else b - a + DAY


def apart(clock: str, other: str) -> float | None:
    """Seconds between two clocks, in whichever order they were printed."""
    a, b = seconds(clock), seconds(other)
    if a is None or b is None:
        return None
    gap = abs(a - b)
    return min(gap, DAY - gap)
