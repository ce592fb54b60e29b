"""Base45 (RFC 9285): bytes in the 45 characters that a QR code packs two to 11 bits."""

from __future__ import annotations

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_VALUES = {character: value for value, character in enumerate(ALPHABET)}


def encode(data: bytes) -> str:
    out = []
    for n in range(0, len(data) - 1, 2):
        number = data[n] << 8 | data[n + 1]
        out += [ALPHABET[number % 45], ALPHABET[number // 45 % 45], ALPHABET[number // 2025]]
    if len(data) % 2:
        out += [ALPHABET[data[-1] % 45], ALPHABET[data[-1] // 45]]
    return "".join(out)


def decode(text: str) -> bytes:
    """Raises ValueError for anything `encode` would not have made."""
    out = bytearray()
    for n in range(0, len(text), 3):
        part = text[n : n + 3]
        if len(part) == 1 or any(character not in _VALUES for character in part):
            raise ValueError("not base45")
        number = sum(_VALUES[character] * 45**power for power, character in enumerate(part))
        if number > (0xFFFF if len(part) == 3 else 0xFF):
            raise ValueError("not base45")
        out += number.to_bytes(len(part) - 1, "big")
    return bytes(out)
