"""Edits applied to a text: what is safe, what overlaps, what line ends stay."""

from __future__ import annotations

from flexlint import fixing
from flexlint.finding import Edit, Finding


def test_insertions_replacements_and_line_ends() -> None:
    edits = [Edit("a", 3, 3, (" c2",)), Edit("a", 2, 1, (" new",))]
    assert fixing.apply("a\r\nb\r\nc\r\n", edits) == "a\r\n new\r\nb\r\n c2\r\n"


def test_unsafe_edits_wait_to_be_asked_for_and_the_first_of_two_wins() -> None:
    safe = Finding("m").mend("t", Edit("a", 1, 2, ("x",)), safe=True)
    clash = Finding("m").mend("t", Edit("a", 2, 2, ("y",)), Edit("a", 9, 9, ("z",)), safe=True)
    unsafe = Finding("m").mend("t", Edit("a", 5, 5, ("u",)))
    assert fixing.chosen([safe, clash, unsafe], unsafe=False) == {"a": [safe.fix.edits[0]]}  # type: ignore[union-attr]
    assert len(fixing.chosen([safe, clash, unsafe], unsafe=True)["a"]) == 2


def test_difference_masks_keys() -> None:
    shown = "".join(fixing.difference("a.cfg", " pre-shared-key local V3rySecretKey\n", " shutdown\n"))
    assert "V3rySecretKey" not in shown
    assert "+ shutdown" in shown
