"""A merchant of the fake Alipay: key files and the settings that a front needs to reach it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

APP_ID = "2021000000000001"
SELLER_ID = "2088000000000001"


def new_key() -> RSAPrivateKey:
    return generate_private_key(65537, 2048)


@dataclass(frozen=True, slots=True)
class FakeMerchant:
    """`key` is the application's, `alipay` is what it believes."""

    key: RSAPrivateKey = field(repr=False)
    alipay: RSAPublicKey = field(repr=False)
    app_id: str = APP_ID
    seller_id: str = SELLER_ID

    def settings(self, folder: Path, url: str, notify_url: str = "") -> dict[str, Any]:
        """The members of `AlipaySettings`; the key files are written into `folder`, readable by their owner only."""
        folder.mkdir(parents=True, exist_ok=True)
        private = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        public = self.alipay.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        files = {"alipay_app_key.pem": private, "alipay_public_key.pem": public}
        for name, content in files.items():
            descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as opened:
                opened.write(content)
        return {
            "url": f"{url.rstrip('/')}/gateway.do",
            "app_id": self.app_id,
            "seller_id": self.seller_id,
            "private_key_file": folder / "alipay_app_key.pem",
            "alipay_key_file": folder / "alipay_public_key.pem",
            "notify_url": notify_url,
        }
