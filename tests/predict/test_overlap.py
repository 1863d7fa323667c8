"""What can serve the same peer twice."""

from __future__ import annotations

from flexlint.predict.overlap import overlapping_policies, overlapping_profiles, twin_blocks

AUTH = " authentication local pre-share\n authentication remote pre-share\n"


def pairs(device):
    return [(o.profile.name, o.other.name, str(o.witness), o.is_equal) for o in overlapping_profiles(device)]


def test_a_narrow_profile_inside_a_wide_one_has_a_witness(read):
    device = read(
        f"""
crypto ikev2 profile A
 match identity remote fqdn br7.example.com
{AUTH}crypto ikev2 profile B
 match identity remote fqdn domain example.com
{AUTH}crypto ikev2 profile C
 match identity remote address 198.51.100.0 255.255.255.0
{AUTH}crypto ikev2 profile D
 match identity remote address 0.0.0.0
{AUTH}crypto ikev2 profile E
 match fvrf WAN
 match identity remote address 0.0.0.0
{AUTH}"""
    )
    assert pairs(device) == [
        ("A", "B", "fqdn br7.example.com", False),
        ("C", "D", "address 198.51.100.1", False),
    ]


def test_equal_statements_and_equal_maps(read):
    device = read(
        f"""
crypto ikev2 profile A
 match identity remote key-id lab
 match certificate MAP
{AUTH}crypto ikev2 profile B
 match identity remote key-id lab
{AUTH}crypto ikev2 profile C
 match certificate MAP
{AUTH}crypto ikev2 profile D
 match identity remote key-id lab
{AUTH} shutdown
"""
    )
    assert pairs(device) == [("A", "B", "key-id lab", True), ("C", "A", "None", True)]


def test_policies_for_one_address(read):
    device = read(
        """
crypto ikev2 policy A
 proposal P
crypto ikev2 policy B
 match address local 192.0.2.1
 proposal P
crypto ikev2 policy C
 match fvrf WAN
 proposal P
crypto ikev2 policy D
 match fvrf WAN
 proposal P
"""
    )
    found = {(o.policy.name, o.other.name, o.is_equal) for o in overlapping_policies(device)}
    assert found == {("A", "B", False), ("C", "D", True)}


def test_blocks_that_repeat_an_identity_or_address(read):
    device = read(
        """
crypto ikev2 keyring KEYS
 peer A
  address 198.51.100.7
  identity fqdn a.example.com
 peer B
  address 198.51.100.7
  identity fqdn b.example.com
 peer C
  address 198.51.100.7
 peer D
  identity fqdn A.example.com
"""
    )
    found = [(t.block.name, t.other.name, t.what) for t in twin_blocks(device.keyrings["KEYS"])]
    assert found == [("A", "C", "address"), ("A", "D", "identity")]
