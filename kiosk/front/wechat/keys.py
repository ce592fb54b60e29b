"""Whose signature is believed: WeChat Pay's public keys and platform certificates, by the serial number an answer names.

Both kinds may be held at once. Certificates fetched later join those that are known; an expired one is believed no more.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from pydantic import Field

from kiosk.front.wechat import signing
from kiosk.front.wechat.settings import PUBLIC_KEY_PREFIX
from kiosk.gateways.rest import Message, read

RENEW_AFTER = dt.timedelta(hours=12)
"""WeChat Pay shows a new certificate days before it signs with it, and asks merchants to look at least once a day."""
ASK_AGAIN_AFTER = dt.timedelta(minutes=1)
"""An unknown serial number may be anybody's: it makes us ask once a minute, not once a message."""


class _Sealed(Message):
    algorithm: str
    nonce: str
    associated_data: str = ""
    ciphertext: str


class _Certificate(Message):
    serial_no: Annotated[str, Field(max_length=64)]
    encrypt_certificate: _Sealed


class _Certificates(Message):
    data: Annotated[list[_Certificate], Field(max_length=50)]


class Keyring:
    """`fetches`: certificates may be asked for. Times are aware."""

    def __init__(
        self,
        apiv3_key: bytes,
        public_keys: Mapping[str, RSAPublicKey],
        certificates: Iterable[x509.Certificate] = (),
        fetches: bool = False,
    ) -> None:
        self._apiv3_key = apiv3_key
        self._public_keys = dict(public_keys)
        self._certificates = {_serial(certificate): certificate for certificate in certificates}
        self.fetches = fetches
        self._fetched_at: dt.datetime | None = None
        self._asked_at: dt.datetime | None = None

    @property
    def preferred(self) -> str:
        """What a request asks the answer to be signed with (`Wechatpay-Serial`); empty: the wallet's choice."""
        return next(iter(self._public_keys), "")

    def find(self, serial: str, now: dt.datetime) -> RSAPublicKey | None:
        if serial.startswith(PUBLIC_KEY_PREFIX):
            return self._public_keys.get(serial)
        certificate = self._certificates.get(_normal(serial))
        if certificate is None or not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
            return None
        return rsa(certificate.public_key())

    def due(self, now: dt.datetime) -> bool:
        """Whether certificates ought to be fetched before anything is asked."""
        if not self.fetches or not self._may_ask(now):
            return False
        return self._fetched_at is None or not dt.timedelta(0) <= now - self._fetched_at < RENEW_AFTER

    def unknown(self, serial: str, now: dt.datetime) -> bool:
        """Whether fetching might make this serial number known."""
        certificate = not serial.startswith(PUBLIC_KEY_PREFIX) and bool(serial)
        return self.fetches and certificate and self.find(serial, now) is None and self._may_ask(now)

    def asking(self, now: dt.datetime) -> None:
        """Note that certificates are asked for now."""
        self._asked_at = now

    def opened(self, body: bytes) -> dict[str, x509.Certificate]:
        """The certificates in an answer of `/v3/certificates`. Raises ValueError; nothing is believed yet."""
        found: dict[str, x509.Certificate] = {}
        for entry in read(_Certificates, body).data:
            sealed = entry.encrypt_certificate
            pem = signing.unseal(
                self._apiv3_key, sealed.algorithm, sealed.nonce, sealed.associated_data, sealed.ciphertext
            )
            certificate = x509.load_pem_x509_certificate(pem)
            rsa(certificate.public_key())
            if _serial(certificate) != _normal(entry.serial_no):
                raise ValueError("a certificate has another serial number than its entry")
            found[_serial(certificate)] = certificate
        if not found:
            raise ValueError("no certificate in the answer")
        return found

    def with_(self, certificates: Mapping[str, x509.Certificate]) -> Keyring:
        """The same keys and these: to check a signature before they are kept."""
        return Keyring(self._apiv3_key, self._public_keys, [*self._certificates.values(), *certificates.values()])

    def keep(self, certificates: Mapping[str, x509.Certificate], now: dt.datetime) -> None:
        """Believe these from now on. Those known before stay until they expire: answers signed with them may be under way."""
        self._certificates.update(certificates)
        self._fetched_at = now

    def unseal(self, algorithm: str, nonce: str, associated_data: str, ciphertext: str) -> bytes:
        """Raises ValueError."""
        return signing.unseal(self._apiv3_key, algorithm, nonce, associated_data, ciphertext)

    def _may_ask(self, now: dt.datetime) -> bool:
        return self._asked_at is None or not dt.timedelta(0) <= now - self._asked_at < ASK_AGAIN_AFTER


def load_merchant_key(file: Path) -> RSAPrivateKey:
    """Raises ValueError that names the file, never what is in it."""
    content = _content(file)
    try:
        key = load_pem_private_key(content, password=None)
    except (ValueError, TypeError):
        raise ValueError(f"{file} holds no private key in PEM without a password") from None
    if not isinstance(key, RSAPrivateKey) or key.key_size < 2048:
        raise ValueError(f"{file} holds no RSA key of 2048 bits")
    return key


def load_public_key(file: Path) -> RSAPublicKey:
    """Raises ValueError."""
    content = _content(file)
    try:
        return rsa(load_pem_public_key(content))
    except (ValueError, TypeError):
        raise ValueError(f"{file} holds no RSA public key in PEM") from None


def load_certificate(file: Path) -> x509.Certificate:
    """Raises ValueError."""
    content = _content(file)
    try:
        certificate = x509.load_pem_x509_certificate(content)
        rsa(certificate.public_key())
    except ValueError:
        raise ValueError(f"{file} holds no certificate with an RSA key in PEM") from None
    return certificate


def load_apiv3_key(file: Path) -> bytes:
    """Raises ValueError."""
    key = _content(file).strip()
    if len(key) != 32 or not key.isascii():
        raise ValueError(f"the APIv3 key in {file} must be 32 ASCII characters")
    return key


def rsa(key: object) -> RSAPublicKey:
    if not isinstance(key, RSAPublicKey) or key.key_size < 2048:
        raise ValueError("not an RSA key of 2048 bits or more")
    return key


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ValueError(f"{file} cannot be read: {error.strerror}") from None


def _serial(certificate: x509.Certificate) -> str:
    return _normal(f"{certificate.serial_number:X}")


def _normal(serial: str) -> str:
    return serial.strip().upper().lstrip("0")
