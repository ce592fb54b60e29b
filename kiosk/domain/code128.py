"""Code 128 as bars and spaces (ISO/IEC 15417): which code sets are used is chosen for the shortest symbol."""

from __future__ import annotations

from itertools import groupby

QUIET = 10
"""Modules left white on either side."""

_WIDTHS = """
    212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 113222
    123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 212123 212321
    232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121
    313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224
    111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 241112 134111
    111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113
    114311 411113 411311 113141 114131 311141 411131 211412 211214 211232 2331112
""".split()  # noqa: SIM905 - a list of them would be a page long
_START_B, _START_C, _TO_B, _TO_C, _STOP = 104, 105, 100, 99, 106
_AT_AN_END, _INSIDE = 4, 6
"""Digits in a row from which code set C is shorter (ISO/IEC 15417, annex E)."""


def symbols(data: str) -> tuple[int, ...]:
    """Start, data, check character and stop. Raises ValueError for anything but printable ASCII, or nothing."""
    if not data or not all(" " <= char <= "~" for char in data):
        raise ValueError("a Code 128 bar code takes printable ASCII only")
    values: list[int] = []
    mode = ""
    for run, pairs in _runs(data):
        if pairs:
            if mode != "C":
                values.append(_TO_C if mode else _START_C)
                mode = "C"
            values += (int(run[i : i + 2]) for i in range(0, len(run), 2))
        else:
            if mode != "B":
                values.append(_TO_B if mode else _START_B)
                mode = "B"
            values += (ord(char) - 32 for char in run)
    check = (values[0] + sum(place * value for place, value in enumerate(values))) % 103
    return (*values, check, _STOP)


def widths(data: str) -> tuple[int, ...]:
    """Bar, space, bar … in modules, beginning and ending with a bar, without the quiet zones. Raises ValueError as `symbols`."""
    return tuple(int(width) for value in symbols(data) for width in _WIDTHS[value])


def _runs(data: str) -> list[tuple[str, bool]]:
    """The data in pieces, with True for those that go into code set C."""
    pieces = ["".join(chars) for _, chars in groupby(data, lambda char: char.isdigit())]
    found: list[tuple[str, bool]] = []
    for index, piece in enumerate(pieces):
        at_end = index in (0, len(pieces) - 1)
        if (
            not piece.isdigit()
            or (len(piece) < (_AT_AN_END if at_end else _INSIDE) and data != piece)
            or len(piece) < 2
        ):
            found.append((piece, False))
        elif len(piece) % 2 == 0:
            found.append((piece, True))
        elif index == 0:  # an odd digit goes where code set B is needed anyway
            found += [(piece[:-1], True), (piece[-1], False)]
        else:
            found += [(piece[0], False), (piece[1:], True)]
    return found
