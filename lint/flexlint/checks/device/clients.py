"""Software clients, and files entered as they stand: a default AnyConnect cannot live with, lines that undo others.

Comes in: a device. Goes out: findings AUT197 and TUN131. Methods and modes of clients are judged where those of all
peers are.
"""

from __future__ import annotations

from flexlint.checks.device.edits import before, removed
from flexlint.checks.device.wording import is_sorted, is_template
from flexlint.config.model import Method
from flexlint.finding import Finding
from flexlint.rulebook import DeviceCase, Findings, Scope, check


@check("AUT197", on=Scope.DEVICE)
def certificate_by_url(case: DeviceCase) -> Findings:
    """The router sends the URL of its certificate unless told not to (V), and AnyConnect fetches none."""
    device = case.device
    said = any(one.kind == "http_url" for one in device.globals)
    if said or device.version is None or is_template(device):  # the line may be in another part
        return
    for profile in device.profiles.values():
        line = next((one for one in profile.remote_auth if one.method is Method.ANYCONNECT), None)
        if line is not None:
            finding = Finding(f"profile '{profile.name}' serves AnyConnect, and `http-url cert` is on, as by default")
            yield (
                finding.at(line)
                .about(profile.name)
                .mend(
                    "add `no crypto ikev2 http-url cert`",
                    *before(profile.line, "no crypto ikev2 http-url cert"),
                    safe=True,
                )
            )


@check("TUN131", on=Scope.DEVICE)
def address_before_vrf(case: DeviceCase) -> Findings:
    """R: entering the VRF takes away the address that was entered before it."""
    if is_sorted(case.device):
        return  # the order is that of the alphabet, not of the entry
    for interface in case.device.interfaces.values():
        vrf = interface.vrf
        if vrf is None or len(interface.headers) > 1:
            continue
        addresses = [s for s in interface.statements if s.kind in ("ip_address", "unnumbered") and not s.negated]
        if not addresses or any((one.line.number, one.line.column) > (vrf.line, vrf.column) for one in addresses):
            continue
        finding = Finding(f"{interface.name} gets its address before it enters VRF '{vrf}', which takes it away")
        said = interface.said("vrf")
        moved = [*before(addresses[0].line, said[0].line.text), *removed(said[0].line)] if len(said) == 1 else []
        finding.mend("enter the VRF first", *(moved if len(moved) == 2 else []), safe=True)
        yield finding.at(addresses[0]).also(vrf, "takes it away").about(interface.name)
