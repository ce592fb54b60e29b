"""Which characters a Chinese receipt printer can be trusted to print, and texts made safe to send.

A printer's own font holds the double-byte sets only: GB/T 2312 always, the rest of GBK usually, the four-byte part of
GB 18030 never. What is not in the trusted set has to be drawn by us. The text layer never emits a control byte: an
ESC/POS sequence hidden in a name must not reach the machine as a command.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import lru_cache

from drivers.receipt_printer.options import FontSet

_REALTIME = (b"\x10\x04", b"\x10\x05", b"\x10\x14")
"""DLE EOT, DLE ENQ, DLE DC4: obeyed at reception, even in the middle of picture data (Epson, real-time commands)."""


def clean(text: str, drawable: Callable[[str], bool] = lambda char: True) -> str:
    """Text fit for paper: NFC, no control or format characters, `¥` as the full-width sign of GB/T 2312.

    Characters that are neither in the trusted sets nor `drawable` become 〔U+XXXX〕, so that nothing is lost silently
    and nothing prints as an empty box.
    """
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(_clean_char(char, drawable) for char in text)


def _clean_char(char: str, drawable: Callable[[str], bool]) -> str:
    if " " <= char <= "~" or char == "\n":
        return char
    if char == "\u00a5":
        return "￥"
    category = unicodedata.category(char)
    if category in ("Zl", "Zp"):
        return "\n"
    if char == "\t" or (category == "Zs" and char != "\u3000"):
        return " "
    if category in ("Cc", "Cf") or "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef":
        return ""
    if category == "Cs" or not (trusted(char, "gbk") or drawable(char)):
        return f"〔U+{ord(char):04X}〕"
    return char


@lru_cache(maxsize=8192)
def trusted(char: str, known: FontSet) -> bool:
    """True when a printer whose font covers `known` prints this character from its own font."""
    if " " <= char <= "~":
        return True
    try:
        code = char.encode("gbk")
    except UnicodeEncodeError:
        return False
    if len(code) != 2:
        return False
    if known == "gbk":
        return True
    # The check goes by code point in the set, not by Unicode character: the Python codecs disagree on A1A4 and A1AA
    # (middle dot, dash), the printers do not.
    try:
        code.decode("gb2312")
    except UnicodeDecodeError:
        return False
    return True


def encode_text(text: str, known: FontSet) -> bytes | None:
    """GBK bytes of one line, or None when the printer's font cannot be trusted with all of it."""
    if not all(trusted(char, known) for char in text):
        return None
    return text.encode("gbk")


def has_realtime(data: bytes) -> bool:
    """True when `data` holds a sequence that printers obey at once, wherever it stands."""
    return any(sequence in data for sequence in _REALTIME)


def defuse_realtime(dots: bytes) -> bytes:
    """Picture data without real-time commands: the byte after a DLE gets one more black dot, which nobody sees."""
    if not has_realtime(dots):
        return dots
    out = bytearray(dots)
    for index in range(len(out) - 1):
        if out[index] == 0x10 and out[index + 1] in (0x04, 0x05, 0x14):
            out[index + 1] |= 0x08
    return bytes(out)
