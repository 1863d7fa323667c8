"""Lines that an ASA prints in its own way: the number of the SA within the text, messages without a line end."""

from __future__ import annotations

from flexlint.log.reader import LogReader

LOG = """\
IKEv2-PLAT-2: Received PFKEY Acquire SA for SPI 0x0, error FALSE
IKEv2-PLAT-2: attempting to find tunnel group for IP: 203.0.113.80
IKEv2-PLAT-2: mapped to tunnel group 203.0.113.80 using peer IP
IKEv2-PROTO-2: (9): Sending Packet [To 203.0.113.80:500/From 198.51.100.9:500/VRF i0:f0]
(9): Initiator SPI : 00AA00BB00CC00EE - Responder SPI : 11AA11BB11CC11DD Message id: 0
(9): IKEv2 IKE_SA_INIT Exchange RESPONSEIKEv2-PROTO-3: (9): Next payload: SA, version: 2.0 (9): Exchange type: \
IKE_SA_INIT, flags: RESPONDER MSG-RESPONSE (9): Message id: 0, length: 591(9):
Payload contents:
IKEv2-PLAT-2: (9): IKEv2 session deregistered from session manager. Reason: 4
"""


def test_no_line_of_an_asa_is_unknown() -> None:
    reader = LogReader([LOG.encode()], "asa.log")
    (n,) = reader.negotiations()
    assert (n.sa, n.responder_spi) == ("9", "11AA11BB11CC11DD")
    assert (reader.coverage.unknown, reader.coverage.unknown_shapes) == (0, [])
