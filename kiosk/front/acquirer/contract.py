"""The channel that a settings section `[acquirer]` describes."""

from __future__ import annotations

from pathlib import Path

from config.front import Acquirer
from kiosk.front.acquirer.channel import AcquirerChannel
from kiosk.front.acquirer.signing import HmacSigner, RsaSigner, Signer
from kiosk.front.channel import LINES
from kiosk.gateways.http import Deadlines, Endpoint
from kiosk.ports.clock import Clock


def acquirer_channel(said: Acquirer, clock: Clock) -> AcquirerChannel:
    """Raises ValueError for a key file or an address that cannot be used, naming it."""
    deadlines = Deadlines(said.connect_s, said.read_s, said.connect_s + said.read_s + 1.0)
    endpoint = Endpoint(said.url, ca_file=said.ca_file, deadlines=deadlines, lines=LINES)
    return AcquirerChannel(
        endpoint, merchant=said.merchant, signer=_signer(said), clock=clock, notify_url=said.notify_url
    )


def _signer(said: Acquirer) -> Signer:
    if said.algorithm == "RSA-SHA256":
        assert said.private_key_file is not None
        assert said.public_key_file is not None
        return RsaSigner(_bytes(said.private_key_file), _bytes(said.public_key_file))
    assert said.secret_file is not None
    try:
        return HmacSigner(bytes.fromhex(_bytes(said.secret_file).decode("ascii").strip()))
    except ValueError as error:
        why = "it must hold hex digits" if isinstance(error, UnicodeDecodeError) or "hex" in str(error) else str(error)
        raise ValueError(f"{said.secret_file}: {why}") from None


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ValueError(f"{file}: {error.strerror}") from None
