"""Classes of facts behave as dataclasses do, where both do anything."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from flexlint.fact import fact


@fact
class Plain:
    name: str
    count: int = 3
    lines: list[int] = field(default_factory=list)
    hidden: str | None = field(default=None, repr=False)


@fact
class Longer(Plain):
    last: str = "end"

    @property
    def both(self) -> str:
        return f"{self.name} {self.last}"


@dataclass(slots=True, eq=False, repr=False)
class Peer:
    name: str
    count: int = 3
    lines: list[int] = field(default_factory=list)
    hidden: str | None = field(default=None, repr=False)


def test_values_are_taken_by_position_and_by_name_as_a_dataclass_takes_them():
    for arguments, named in ((("a",), {}), (("a", 4, [1]), {"hidden": "h"}), ((), {"name": "a", "lines": [2]})):
        ours, theirs = Plain(*arguments, **named), Peer(*arguments, **named)
        for name in ("name", "count", "lines", "hidden"):
            assert getattr(ours, name) == getattr(theirs, name)


def test_each_object_has_a_list_of_its_own():
    first, second = Plain("a"), Plain("b")
    first.lines.append(1)
    assert second.lines == []


def test_a_subclass_has_the_values_of_its_parent_first():
    one = Longer("a", 1, [], None, "z")
    assert (one.both, one.count, Longer("b").both) == ("a z", 1, "b end")


def test_there_are_slots_and_nothing_else():
    with pytest.raises(AttributeError):
        Longer("a").other = 1  # type: ignore[attr-defined]
    assert not hasattr(Longer("a"), "__dict__")
    assert Plain("a") != Plain("a")


def test_a_missing_value_is_an_error():
    with pytest.raises(TypeError, match="name"):
        Plain()  # type: ignore[call-arg]


def test_a_key_is_not_printed():
    assert "Kx7" not in repr(Plain("Kx7-secret"))
