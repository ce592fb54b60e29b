"""Keys and certificates as Alipay's tools hand them out.

Private keys come as PKCS#1 or PKCS#8, as PEM or as bare base64 (what the key tool saves as .txt); public keys as PEM, bare base64
or inside an X.509 certificate. An application is registered with either plain public keys or certificates; with certificates each
request names two of them by a serial of Alipay's own making (`serial`, `root_serial`).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    load_der_private_key,
    load_der_public_key,
    load_pem_private_key,
    load_pem_public_key,
)

LEAST_BITS = 2048
"""RSA2 is SHA-256 with RSA of 2048 bits or more."""

_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_RSA_SIGNED = "1.2.840.113549.1.1."
"""The arc of PKCS #1: the root file also holds certificates signed by SM2, which do not count."""


def private_key(data: bytes) -> RSAPrivateKey:
    """Raises ValueError with a sentence that tells nothing of the key."""
    try:
        if b"-----BEGIN" in data:
            key = load_pem_private_key(data.strip(), password=None)
        else:
            key = load_der_private_key(_bare(data), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ValueError("not an RSA private key in PKCS#1 or PKCS#8 without a password") from None
    if not isinstance(key, RSAPrivateKey) or key.key_size < LEAST_BITS:
        raise ValueError(f"not an RSA private key of {LEAST_BITS} bits or more")
    return key


def public_key(data: bytes) -> RSAPublicKey:
    """The key itself or the one in a certificate. Raises ValueError."""
    key: object
    try:
        if b"-----BEGIN CERTIFICATE" in data:
            key = certificate(data).public_key()
        elif b"-----BEGIN" in data:
            key = load_pem_public_key(data.strip())
        else:
            key = load_der_public_key(_bare(data))
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError("not an RSA public key or certificate") from None
    if not isinstance(key, RSAPublicKey) or key.key_size < LEAST_BITS:
        raise ValueError(f"not an RSA public key of {LEAST_BITS} bits or more")
    return key


def certificate(data: bytes) -> x509.Certificate:
    """The first certificate of a PEM file. Raises ValueError."""
    found = _CERTIFICATE.search(data)
    if found is None:
        raise ValueError("no certificate in PEM")
    return x509.load_pem_x509_certificate(found.group())


def serial(data: bytes) -> str:
    """`app_cert_sn`: MD5 of the issuer's name (RFC 2253, most specific first) and the serial number in decimal. Raises ValueError."""
    return _serial(certificate(data))


def root_serial(data: bytes) -> str:
    """`alipay_root_cert_sn`: the serials of the RSA-signed certificates in the root file, joined by `_`. Raises ValueError."""
    serials = []
    for found in _CERTIFICATE.finditer(data):
        try:
            each = x509.load_pem_x509_certificate(found.group())
        except ValueError:
            continue  # SM2 certificates use encodings that the library need not know; a wrong serial Alipay tells of itself.
        if each.signature_algorithm_oid.dotted_string.startswith(_RSA_SIGNED):
            serials.append(_serial(each))
    if not serials:
        raise ValueError("no RSA-signed certificate in the root file")
    return "_".join(serials)


def _serial(cert: x509.Certificate) -> str:
    named = f"{cert.issuer.rfc4514_string()}{cert.serial_number}"
    return hashlib.md5(named.encode(), usedforsecurity=False).hexdigest()


def _bare(data: bytes) -> bytes:
    try:
        return base64.b64decode(b"".join(data.split()), validate=True)
    except binascii.Error:
        raise ValueError("neither PEM nor base64") from None
