"""Code 128 for `GS k` function B: the code sets are chosen here, because printers do not choose them.

ISO/IEC 15417. In the printer's data `{A`, `{B`, `{C` select a code set, `{{` is a brace, and code set C takes one byte
0-99 per pair of digits.
"""

from __future__ import annotations

from drivers.receipt_printer.charset import has_realtime

_START = {"A": 103, "B": 104, "C": 105}
_SWITCH = {"A": 101, "B": 100, "C": 99}
_STOP = 106


def payload(data: str) -> bytes:
    """The data part of `GS k 73 n`: pairs of digits in code set C where the data begins with four or more of them.

    Raises ValueError for anything but printable ASCII, or for more than 255 bytes.
    """
    if not data or not all(" " <= char <= "~" for char in data):
        raise ValueError("a Code 128 barcode takes printable ASCII only")
    digits = len(data) - len(data.lstrip("0123456789"))
    paired = digits - digits % 2 if digits >= 4 else 0
    out = _in_c(data[:paired]) + _in_b(data[paired:])
    if has_realtime(out):  # e.g. the digits 1604 would be DLE EOT on the line
        out = _in_b(data)
    if len(out) > 255:
        raise ValueError("a Code 128 barcode takes at most 255 bytes")
    return out


def _in_c(digits: str) -> bytes:
    return b"{C" + bytes(int(digits[i : i + 2]) for i in range(0, len(digits), 2)) if digits else b""


def _in_b(text: str) -> bytes:
    return b"{B" + text.replace("{", "{{").encode("ascii") if text else b""


def symbols(data: bytes) -> tuple[list[int], str]:
    """Symbol values (start, data, check, stop) and the human-readable text of a `GS k 73` data part.

    Raises ValueError when no code set is selected or a byte has no place in it.
    """
    if len(data) < 3 or data[0:1] != b"{" or chr(data[1]) not in _START:
        raise ValueError("no code set selected")
    code_set = chr(data[1])
    values = [_START[code_set]]
    text = ""
    position = 2
    while position < len(data):
        byte = data[position]
        position += 1
        if byte == 0x7B:
            code = chr(data[position]) if position < len(data) else ""
            position += 1
            if code in _SWITCH:
                code_set = code
                values.append(_SWITCH[code])
                continue
            if code != "{":
                raise ValueError(f"escape {{{code} is not supported")
        if code_set == "C":
            if byte > 99:
                raise ValueError("code set C takes 0-99")
            values.append(byte)
            text += f"{byte:02d}"
        else:
            if not (byte < 96 if code_set == "A" else 32 <= byte < 128):
                raise ValueError(f"byte {byte:#x} has no place in code set {code_set}")
            values.append(byte - 32 if byte >= 32 else byte + 64)
            text += chr(byte) if 32 <= byte < 127 else " "
    check = (values[0] + sum(index * value for index, value in enumerate(values) if index)) % 103
    return [*values, check, _STOP], text


def modules(data: bytes) -> str:
    """Bars and spaces as a string of 1 and 0, without the quiet zones (10 modules each side)."""
    from barcode.charsets import code128

    values, _ = symbols(data)
    bars: list[str] = [code128.CODES[value] for value in values[:-1]]
    return "".join(bars) + "1100011101011"
