"""The merchant's keys, read and checked once when the front starts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from kiosk.front.alipay import keys
from kiosk.front.alipay.settings import AlipaySettings

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Account:
    app_id: str
    seller_id: str
    private_key: RSAPrivateKey = field(repr=False)
    alipay_keys: tuple[RSAPublicKey, ...] = field(repr=False)
    serials: Mapping[str, str] = field(default_factory=dict)
    """`app_cert_sn` and `alipay_root_cert_sn` of an application with certificates; empty with plain keys."""


def account(settings: AlipaySettings) -> Account:
    """Raises ValueError that names the file, never what is in it."""
    trusted = settings.alipay_certificate_file or settings.alipay_key_file
    assert trusted is not None  # the settings see to it
    files = [trusted, *([settings.alipay_key_before_file] if settings.alipay_key_before_file else [])]
    serials = {}
    if settings.app_certificate_file is not None and settings.root_certificate_file is not None:
        serials = {
            "app_cert_sn": _read(settings.app_certificate_file, keys.serial),
            "alipay_root_cert_sn": _read(settings.root_certificate_file, keys.root_serial),
        }
    return Account(
        settings.app_id,
        settings.seller_id,
        _read(settings.private_key_file, keys.private_key),
        tuple(_read(file, keys.public_key) for file in files),
        serials,
    )


def _read(file: Path, read: Callable[[bytes], T]) -> T:
    try:
        return read(file.read_bytes())
    except OSError as error:
        raise ValueError(f"{file}: {error.strerror}") from None
    except ValueError as error:
        raise ValueError(f"{file}: {error}") from None
