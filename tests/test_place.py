"""Where a value stands in its line."""

from __future__ import annotations

import pytest

from flexlint.place import Seen, TextFile

LOG = TextFile("hub.log", ())


@pytest.mark.parametrize(
    ("value", "text", "before"),
    [
        (
            "24",
            "1244: Feb  6 14:21:07.245: IKEv2:(SESSION ID = 241,SA ID = 3):Use preshared key for id br1, key len 24",
            "key len ",
        ),
        ("0", "Feb  6 10:20:07.100: IKEv2:Searching Policy with fvrf 0, local address 192.0.2.1", "fvrf "),
        (
            "192.0.2.1",
            "<191>9: 192.0.2.1: 8: Feb  6 14:21:07.245: IKEv2:Searching Policy with fvrf 0, local address 192.0.2.1",
            "local address ",
        ),
        ("IKEv2-POL", "Feb  6 14:21:07.245: IKEv2:Found Policy 'IKEv2-POL'", "Found Policy '"),
        ("203.0.113.9", "Feb  6 14:21:07.245: %CRYPTO-5-IKEV2_SESSION_STATUS: ... Peer 203.0.113.9:500", "Peer "),
    ],
)
def test_a_value_is_marked_where_the_message_says_it(value: str, text: str, before: str):
    place = Seen.at(value, 1, text, LOG).place()
    assert text[: place.column - 1].endswith(before)
    assert text[place.column - 1 : place.end_column - 1] == value


def test_a_value_that_is_not_in_its_line_marks_the_whole_line():
    place = Seen.at("gone", 1, "IKEv2:Deleting SA", LOG).place()
    assert (place.column, place.end_column) == (1, 18)
