"""What of the other end's file alone may explain a log: its errors, and nothing that is a matter of its own check."""

from __future__ import annotations

from pathlib import Path

from flexlint.inputs.jobs import plan
from flexlint.rulebook import select
from flexlint.run import Options, run

HUB = Path(__file__).parents[2] / "examples" / "key-length"
SPOKE = """\
hostname branch2
version 17.9
crypto ikev2 keyring KEYS
 peer HUB
  address 198.51.100.10
  pre-shared-key Zx8-branch-1
crypto ikev2 profile TO-HUB
 match identity remote fqdn flexhub1.example.net
 identity local fqdn branch2.example.net
 authentication remote pre-share
 authentication local pre-share
 keyring local KEYZ
crypto ikev2 policy UNUSED
 proposal MISSING
"""


def found(spoke: Path, *logs: str) -> list[tuple[str, str]]:
    """Severity and rule of what is found in the file of the other end."""
    report = run(plan([str(HUB / "hub.cfg")], logs=logs, peer=str(spoke)).jobs, Options(select()))
    return [(str(f.severity), f.rule) for f in report.findings if f.primary and f.primary.path == str(spoke)]


def test_errors_of_the_other_end_stand_beside_the_log(tmp_path: Path) -> None:
    spoke = tmp_path / "spoke.cfg"
    spoke.write_text(SPOKE)
    alone = run(plan([str(spoke)]).jobs, Options(select()))
    rules = {f.rule for f in alone.findings if str(f.severity) == "error"}
    assert "REF004" in rules
    assert any(str(f.severity) != "error" for f in alone.findings)
    beside = found(spoke, str(HUB / "hub.log"))
    assert rules <= {rule for _, rule in beside}
    assert {rule for severity, rule in beside if severity != "error"} <= {
        rule for severity, rule in found(spoke) if severity != "error"
    }  # of the comparison of both ends
    assert "REF004" not in {rule for _, rule in found(spoke)}
