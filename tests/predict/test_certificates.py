"""Certificate maps against certificates."""

from __future__ import annotations

import pytest

from flexlint.predict.certificates import map_accepts

MAPS = """
crypto pki certificate map MAP 10
 subject-name co ou = branch
 issuer-name co cn = root
crypto pki certificate map MAP 20
 subject-name eq cn=spare
"""


@pytest.mark.parametrize(
    ("certificate", "expected"),
    [
        ({"subject-name": "cn=a, OU=Branch", "issuer-name": "cn=Root"}, True),
        ({"subject-name": "cn=a, ou=branch", "issuer-name": "cn=other"}, False),
        ({"subject-name": "cn=a, ou=branch"}, None),
        ({"subject-name": "cn=spare"}, True),
        ({"subject-name": "cn=b"}, False),
        (None, None),
    ],
)
def test_criteria_hold_together_and_entries_are_alternatives(read, certificate, expected):
    assert map_accepts(read(MAPS).certificate_maps["MAP"], certificate) is expected


def test_a_map_that_is_not_defined_decides_nothing():
    assert map_accepts(None, {"subject-name": "cn=a"}) is None
