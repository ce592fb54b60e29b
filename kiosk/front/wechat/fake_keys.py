"""The key material of a fake WeChat Pay and of its one merchant. Made anew for each process unless given; it guards nothing."""

from __future__ import annotations

import datetime as dt
import secrets
import string
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID

MCHID = "1900000109"
APPID = "wx0000000000000001"


@dataclass(frozen=True, slots=True)
class PlatformKey:
    """One of the wallet's signing keys: a platform certificate's, or (without one) the 微信支付公钥 of this id."""

    serial: str
    private: rsa.RSAPrivateKey = field(repr=False)
    certificate: str = field(default="", repr=False)
    """PEM."""

    @property
    def public_pem(self) -> bytes:
        return self.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@dataclass(frozen=True, slots=True)
class FakeKeys:
    merchant: rsa.RSAPrivateKey = field(repr=False)
    merchant_serial: str
    apiv3_key: str = field(repr=False)
    public_key: PlatformKey
    certificates: tuple[PlatformKey, ...]
    """The first signs; `rotate` goes on to the next."""
    mchid: str = MCHID
    appid: str = APPID

    def settings(self, folder: Path, url: str, notify_url: str, *, certificates: bool = False) -> dict[str, object]:
        """The members of `WeChatPay` for a front that believes this wallet; its key files are written into `folder`."""
        files = {
            "merchant_key.pem": self.merchant.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
            "apiv3_key": self.apiv3_key.encode(),
            "wechatpay_public_key.pem": self.public_key.public_pem,
        }
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (folder / name).write_bytes(content)
            (folder / name).chmod(0o600)
        return {
            "url": url,
            "backup_url": "",
            "mchid": self.mchid,
            "appid": self.appid,
            "merchant_key_file": folder / "merchant_key.pem",
            "merchant_serial": self.merchant_serial,
            "apiv3_key_file": folder / "apiv3_key",
            "public_keys": {} if certificates else {self.public_key.serial: folder / "wechatpay_public_key.pem"},
            "fetch_certificates": certificates,
            "notify_url": notify_url,
        }


def make_keys(now: dt.datetime, certificates: int = 2) -> FakeKeys:
    return FakeKeys(
        merchant=_private(),
        merchant_serial=secrets.token_hex(20).upper(),
        apiv3_key="".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(32)),
        public_key=PlatformKey(f"PUB_KEY_ID_{secrets.randbelow(10**32):032d}", _private()),
        certificates=tuple(make_platform_key(now) for _ in range(certificates)),
    )


def make_platform_key(now: dt.datetime) -> PlatformKey:
    """A platform key with a certificate that is good for five years, as WeChat Pay's are."""
    private = _private()
    # The highest bit of the first byte is set, so that all forty digits are there.
    number = int.from_bytes(b"\x7f" + secrets.token_bytes(19), "big")
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Fake WeChat Pay platform certificate")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(number)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=5 * 365))
        .sign(private, SHA256())
    )
    return PlatformKey(f"{number:040X}", private, certificate.public_bytes(Encoding.PEM).decode("ascii"))


def _private() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)
