"""Contradictions inside an IKEv2 profile: methods without keys, certificates or lists.

Comes in: a device. Goes out: findings AUT165 to AUT188. Which profile a peer would get is no matter here.
"""

from __future__ import annotations

from collections.abc import Iterable

from flexlint.checks.device.edits import added, removed, rewritten
from flexlint.checks.device.references import LOGIN
from flexlint.checks.device.wording import hedged, listed
from flexlint.config.model import Authentication, Device, Method, TrustpointUse
from flexlint.finding import Finding, Severity
from flexlint.rulebook import DeviceCase, Findings, Scope, check

SIGNATURES = (Method.RSA, Method.ECDSA)
EAPS = {Method.EAP: "eap", Method.ANYCONNECT: "anyconnect-eap"}


def methods(lines: Iterable[Authentication]) -> set[Method]:
    return {line.method for line in lines}


def first_of(lines: Iterable[Authentication], *wanted: Method) -> Authentication | None:
    """The first line that has one of the methods."""
    return next((line for line in lines if line.method in wanted), None)


@check("AUT165", on=Scope.DEVICE)
def psk_without_keyring(case: DeviceCase) -> Findings:
    """`pre-share` and nowhere a key."""
    device = case.device
    for profile in device.profiles.values():
        if profile.keyring is not None or profile.keyring_aaa is not None:
            continue
        line = next(
            (a for a in (*profile.remote_auth, *profile.local_auth) if a.method is Method.PSK and not a.key), None
        )
        if line is not None:
            finding = Finding(
                f"profile '{profile.name}' authenticates by pre-shared key, with no keyring and no inline key; "
                f"keyrings: {listed(device.keyrings) or 'none'}"
            )
            named = {str(one.keyring) for one in device.profiles.values()}
            free = [str(name) for name in device.keyrings if name not in named]
            command = f"keyring local {free[0] if len(device.keyrings) == len(free) == 1 else 'NAME'}"
            finding.at(line).about(profile.name).mend(
                f"add ` {command}`", *(added(profile, command) if not command.endswith("NAME") else [])
            )
            yield from hedged(finding, device, profile)


@check("AUT166", on=Scope.DEVICE)
def unused_keyring(case: DeviceCase) -> Findings:
    """A keyring in a profile whose methods need none."""
    for profile in case.device.profiles.values():
        lines = [*profile.local_auth, *profile.remote_auth]
        keyring = profile.keyring or profile.keyring_aaa
        if keyring is None or not lines or profile.dynamic is not None:
            continue
        if Method.PSK not in methods(lines):
            used = ", ".join(sorted(methods(lines)))
            finding = Finding(f"profile '{profile.name}' has keyring '{keyring}', but its methods are {used}")
            finding.at(keyring).about(profile.name, keyring).lowered(Severity.NOTE)
            yield from hedged(finding, case.device, profile)


@check("AUT167", on=Scope.DEVICE)
def two_key_sources(case: DeviceCase) -> Findings:
    """An inline key and a keyring in one profile."""
    for profile in case.device.profiles.values():
        keyring = profile.keyring or profile.keyring_aaa
        inline = next((a for a in (*profile.local_auth, *profile.remote_auth) if a.key is not None), None)
        if keyring is not None and inline is not None and inline.key is not None:
            finding = Finding(f"profile '{profile.name}' has an inline key and keyring '{keyring}'")
            finding.at(inline.key, "the inline key").also(keyring)
            if (assumed := case.settings.assumptions.get("inline-key")) is not None:
                other = "keyring" if assumed == "inline" else "inline"
                finding.because(f"as is assumed, the {assumed} key counts; the {other} one idles")
                finding.lowered(Severity.WARNING)
            yield finding.about(profile.name)


@check("AUT168", on=Scope.DEVICE)
def signature_without_trustpoint(case: DeviceCase) -> Findings:
    """Certificates, and no trustpoint in the profile (R: IKEv2 does not fall back to global trustpoints)."""
    device = case.device
    for profile in device.profiles.values():
        line = first_of((*profile.local_auth, *profile.remote_auth), *SIGNATURES)
        if line is not None and not profile.trustpoints and profile.dynamic is None:
            finding = Finding(
                f"profile '{profile.name}' authenticates by {line.word} and names no `pki trustpoint`; "
                f"trustpoints: {listed(device.trustpoints) or 'none'}"
            )
            only = next(iter(device.trustpoints)) if len(device.trustpoints) == 1 else "NAME"
            edits = added(profile, f"pki trustpoint {only}") if len(device.trustpoints) == 1 else []
            finding.mend(f"add ` pki trustpoint {only}`", *edits)
            yield from hedged(finding.at(line).about(profile.name), device, profile)


@check("AUT169", on=Scope.DEVICE)
def trustpoint_of_other_role(case: DeviceCase) -> Findings:
    """Every trustpoint is for verifying where the router must sign, or the reverse."""
    for profile in case.device.profiles.values():
        for lines, role, other in (
            (profile.local_auth, "sign", "verify"),
            (profile.remote_auth, "verify", "sign"),
        ):
            line = first_of(lines, *SIGNATURES)
            if line is None or not profile.trustpoints or any(t.role in (role, "both") for t in profile.trustpoints):
                continue
            finding = Finding(
                f"profile '{profile.name}' must {role} by {line.word}, but its trustpoints are all `{other}`: "
                f"{listed(t.name for t in profile.trustpoints)}"
            )
            finding.at(profile.trustpoints[0].name).also(line).about(profile.name, role)
            yield from hedged(finding, case.device, profile)


@check("AUT170", on=Scope.DEVICE)
def unused_trustpoint(case: DeviceCase) -> Findings:
    """A trustpoint in a profile without certificates."""
    for profile in case.device.profiles.values():
        used = methods((*profile.local_auth, *profile.remote_auth))
        if profile.trustpoints and used == {Method.PSK} and not profile.certificate_maps:
            name = profile.trustpoints[0].name
            finding = Finding(f"profile '{profile.name}' names trustpoint '{name}', but its only method is pre-share")
            finding.at(name).about(profile.name, name).lowered(Severity.NOTE)
            yield from hedged(finding, case.device, profile)


@check("AUT171", on=Scope.DEVICE)
def key_of_other_type(case: DeviceCase) -> Findings:
    """`ecdsa-sig` with an RSA key pair, or `rsa-sig` with an EC one."""
    device = case.device
    for profile in device.profiles.values():
        line = first_of(profile.local_auth, *SIGNATURES)
        signing = [t for t in profile.trustpoints if t.role in ("sign", "both")]
        if line is None or not signing or not all(_other_key(t, line.method, device) for t in signing):
            continue
        trustpoint = device.trustpoints[signing[0].name]
        key = trustpoint.rsa_key or trustpoint.ec_key
        yield (
            Finding(
                f"profile '{profile.name}' signs by {line.word}, but trustpoint '{trustpoint.name}' has key '{key}'"
            )
            .at(line)
            .also(key, "a key of the other type")
            .about(profile.name, trustpoint.name)
        )


def _other_key(use: TrustpointUse, method: Method, device: Device) -> bool:
    trustpoint = device.trustpoints.get(use.name)
    if trustpoint is None:
        return False
    if method is Method.ECDSA:
        return trustpoint.rsa_key is not None and trustpoint.ec_key is None
    return trustpoint.ec_key is not None and trustpoint.rsa_key is None


@check("AUT172", on=Scope.DEVICE)
def second_local_method(case: DeviceCase) -> Findings:
    """One local method is in force; R: the last one written."""
    for profile in case.device.profiles.values():
        if len(methods(profile.local_auth)) > 1:
            *earlier, last = profile.local_auth
            finding = Finding(
                f"profile '{profile.name}' has {len(profile.local_auth)} local methods; "
                f"only {last.word} is in force, not {', '.join(one.word for one in earlier)}"
            )
            finding.at(earlier[0]).also(last, "replaces it").about(profile.name)
            lines = [edit for one in earlier if one.method is not last.method for edit in removed(one.line)]
            yield finding.mend("keep the one that is meant; as it stands, the last", *lines)


@check("AUT173", on=Scope.DEVICE)
def eap_without_list(case: DeviceCase) -> Findings:
    """EAP is relayed to, or AnyConnect logins are asked of, a list that the profile does not name."""
    device = case.device
    for profile in device.profiles.values():
        for line in profile.remote_auth:
            keyword = EAPS.get(line.method)
            if keyword and not any(one.method in (None, keyword) for one in profile.authentication_lists):
                known = [name for service, name in device.aaa_lists if service == LOGIN]
                finding = Finding(
                    f"profile '{profile.name}' accepts {line.word} and has no `aaa authentication {keyword}`; "
                    f"login lists: {listed(known) or 'none'}"
                )
                yield from hedged(finding.at(line).about(profile.name, keyword), device, profile)


@check("AUT175", on=Scope.DEVICE)
def eap_server_without_certificate(case: DeviceCase) -> Findings:
    """A server that asks for EAP proves itself by certificate."""
    for profile in case.device.profiles.values():
        line = first_of(profile.remote_auth, *EAPS)
        own = profile.local_auth[-1] if profile.local_auth else None
        if line is not None and own is not None and own.method is Method.PSK:
            yield (
                Finding(f"profile '{profile.name}' asks peers for {line.word} and proves itself by {own.word}")
                .at(own)
                .also(line)
                .about(profile.name)
            )


@check("AUT176", on=Scope.DEVICE)
def eap_list_without_radius(case: DeviceCase) -> Findings:
    """The router is no EAP server: a local list cannot answer EAP."""
    device = case.device
    for profile in device.profiles.values():
        for line in profile.authentication_lists:
            one = device.aaa_lists.get((LOGIN, line.list))
            asks_eap = line.method == "eap" or (line.method is None and first_of(profile.remote_auth, Method.EAP))
            if one is None or not asks_eap or one.groups or not one.methods:
                continue
            if all(method in ("local", "local-case") for method in one.methods):
                yield (
                    Finding(f"profile '{profile.name}' relays EAP to list '{one.name}', which asks only local users")
                    .at(line.list)
                    .also(one, "no RADIUS group here")
                    .about(profile.name, one.name)
                )


@check("AUT177", on=Scope.DEVICE)
def eap_without_query_identity(case: DeviceCase) -> Findings:
    """Names are derived from the EAP identity, which is never asked for."""
    for profile in case.device.profiles.values():
        line = first_of(profile.remote_auth, Method.EAP)
        if line is None or line.query_identity:
            continue
        for one in profile.authorizations:
            mangler = case.device.manglers.get(one.mangler or "")
            if mangler is not None and "eap" in mangler.rules:
                yield (
                    Finding(
                        f"name-mangler '{mangler.name}' takes the EAP identity, "
                        f"which profile '{profile.name}' does not query"
                    )
                    .at(line)
                    .also(one.mangler)
                    .about(profile.name, mangler.name)
                    .mend(
                        "`authentication remote eap query-identity`",
                        *rewritten(line.line, f"{line.line.text} query-identity"),
                        safe=True,
                    )
                )


@check("AUT182", on=Scope.DEVICE)
def local_list_for_keys(case: DeviceCase) -> Findings:
    """R: `keyring aaa` needs RADIUS."""
    for profile in case.device.profiles.values():
        one = case.device.aaa_lists.get(("authorization network", profile.keyring_aaa or ""))
        if one is not None and profile.keyring_aaa is not None and list(one.methods) == ["local"]:
            yield (
                Finding(f"profile '{profile.name}' fetches keys by AAA list '{one.name}', which asks only `local`")
                .at(profile.keyring_aaa)
                .also(one)
                .about(profile.name, one.name)
            )


@check("AUT187", on=Scope.DEVICE)
def reconnect_without_anyconnect(case: DeviceCase) -> Findings:
    """`reconnect` serves AnyConnect sessions only."""
    for profile in case.device.profiles.values():
        said = profile.said("reconnect")
        if said and profile.remote_auth and not methods(profile.remote_auth) & set(EAPS):
            yield (
                Finding(f"profile '{profile.name}' has `reconnect` and accepts no EAP or AnyConnect client")
                .at(said[0])
                .about(profile.name)
            )


@check("AUT188", on=Scope.DEVICE)
def redirect_without_cluster(case: DeviceCase) -> Findings:
    """Nothing to redirect to."""
    device = case.device
    if device.version is None or any("cluster" in line.text for line in device.lines):
        return
    for profile in device.profiles.values():
        for said in profile.said("redirect_gateway")[:1]:
            yield (
                Finding(f"profile '{profile.name}' redirects clients, and there is no `crypto ikev2 cluster`")
                .at(said)
                .about(profile.name)
            )
