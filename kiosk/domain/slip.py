"""What is to be printed, as data: a slip is a list of blocks that any receipt printer can lay out.

Printers differ in width and fonts, so a slip says *what* stands there, never at which dot.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Align = Literal["left", "center", "right"]


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; long lines wrap at the paper's width. `size` multiplies width and height (1 or 2)."""

    text: str
    align: Align = "left"
    bold: bool = False
    size: Literal[1, 2] = 1


@dataclass(frozen=True, slots=True)
class Pair:
    """Label at the left; value after it, wrapped with a hanging indent, or flush right when `right`."""

    label: str
    value: str
    right: bool = False
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across the paper."""

    style: Literal["dashed", "solid"] = "dashed"


@dataclass(frozen=True, slots=True)
class QrCode:
    data: str
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Barcode:
    """Code 128 of ASCII digits and letters, human-readable text below."""

    data: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A black-and-white picture (PNG bytes), scaled down to `width_mm`; used for signatures."""

    png: bytes = field(repr=False)
    width_mm: float = 50.0
    align: Align = "center"


@dataclass(frozen=True, slots=True)
class Feed:
    lines: int = 1


Block = Text | Pair | Rule | QrCode | Barcode | Picture | Feed


@dataclass(frozen=True, slots=True)
class Slip:
    """One piece of paper, cut at its end. `kind` names it in logs and in the ledger; it holds no personal data."""

    kind: str
    blocks: tuple[Block, ...] = field(repr=False)
