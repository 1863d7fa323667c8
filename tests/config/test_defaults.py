"""What IOS has without being told: by release, unless a `no` line disabled it, and never stored in the device."""

from __future__ import annotations

import pytest

from flexlint.config import defaults
from flexlint.config.defaults import Release, release_of
from flexlint.config.model import Device
from flexlint.config.parse import read_device
from flexlint.place import TextFile


def device(text: str) -> Device:
    return read_device(TextFile("hub.cfg", text.splitlines()))


@pytest.mark.parametrize(
    ("line", "override", "release"),
    [
        ("version 17.9", None, (17, 9)),
        ("version 15.4", None, (15, 4)),
        ("version 16.12", "17.09.04a", (17, 9)),
        ("hostname hub", "15.7(3)M2", (15, 7)),
        ("hostname hub", "Version 26.1.1", (26, 1)),
        ("hostname hub", None, None),
        ("hostname hub", "latest", None),
    ],
)
def test_the_release_is_the_version_line_or_what_the_user_says(line, override, release):
    assert release_of(device(line), override) == release


@pytest.mark.parametrize(
    ("release", "groups"),
    [
        (Release(15, 4), [["5", "2"]]),
        (Release(17, 3), [["19", "14", "21", "5"]]),
        (Release(17, 12), [["19", "14", "21", "5"], ["19", "14", "21"]]),
        (Release(16, 9), [["5", "2"], ["19", "14", "21", "5"], ["19", "14", "21"]]),
        (None, [["5", "2"], ["19", "14", "21", "5"], ["19", "14", "21"]]),
    ],
)
def test_the_default_proposal_has_every_content_its_release_may_have(release, groups):
    found = defaults.proposals_named(device("hostname hub"), "default", release)
    assert [p.group for p in found] == groups
    assert all(p.implicit and p.encryption and p.integrity and not p.prf for p in found)


def test_a_configured_default_is_the_only_one():
    hub = device("crypto ikev2 proposal default\n encryption aes-cbc-128\n integrity sha256\n group 19")
    (one,) = defaults.proposals_named(hub, "default", None)
    assert not one.implicit
    assert one.group == ["19"]


DISABLED = """\
no crypto ikev2 proposal default
no crypto ikev2 policy default
no crypto ikev2 authorization policy default
no crypto ipsec default transform-set
no crypto ipsec profile default
"""
NAMED = (
    defaults.policy_named,
    defaults.authorization_policy_named,
    defaults.transform_set_named,
    defaults.ipsec_profile_named,
)


def test_a_disabled_default_is_gone():
    hub = device(DISABLED)
    assert defaults.proposals_named(hub, "default", None) == []
    assert [named(hub, "default") for named in NAMED] == [None] * 4


def test_a_default_configured_after_its_no_line_is_there_again():
    hub = device(DISABLED + "crypto ikev2 policy default\n proposal P1")
    found = defaults.policy_named(hub, "default")
    assert found is not None
    assert found.proposals == ["P1"]


def test_implicit_objects_stand_at_the_host_name_and_are_not_stored():
    hub = device("version 17.9\nhostname hub-01\n")
    for named in NAMED:
        one = named(hub, "default")
        assert one is not None
        assert one.implicit
        assert (one.name.line, one.name.column) == (2, 10)
        assert named(hub, "other") is None
    assert [hub.policies, hub.authorization_policies, hub.transform_sets, hub.ipsec_profiles] == [{}] * 4


def test_what_the_implicit_objects_hold():
    hub = device("hostname hub")
    policy = defaults.policy_named(hub, "default")
    assert policy is not None
    assert (policy.proposals, policy.fvrf) == (["default"], "any")
    authorization = defaults.authorization_policy_named(hub, "default")
    assert authorization is not None
    assert [(s.kind, s.word) for s in authorization.route_sets] == [("interface", None)]
    assert authorization.route_accept is not None
    transforms = defaults.transform_set_named(hub, "default")
    assert transforms is not None
    assert ([t.word for t in transforms.transforms], transforms.mode) == (["esp-aes", "esp-sha-hmac"], "transport")
    profile = defaults.ipsec_profile_named(hub, "default")
    assert profile is not None
    assert (profile.transform_sets, profile.ikev2_profile) == (["default"], None)


def test_a_profile_without_transform_set_uses_the_default_one():
    hub = device("crypto ipsec profile P\n set ikev2-profile FLEX")
    (used,) = defaults.transform_sets_of(hub, hub.ipsec_profiles["P"])
    assert used.implicit
