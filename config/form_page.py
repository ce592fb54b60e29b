"""Where an application form's parts stand on the paper.

Lengths are millimetres, type is in points. Rows and columns of the grid are counted from 0, from its top left corner inside the margins.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic import Field as Limits


class StrictTable(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Rect(NamedTuple):
    """Millimetres from the page's top left corner."""

    x: float
    y: float
    width: float
    height: float


class Columns(StrictTable):
    count: int = Limits(ge=1, le=200)
    mm: float = Limits(gt=0)


class Page(StrictTable):
    """Paper, margins, and the grid inside them. Header and footer are rows of the grid like any other; their cells have no border."""

    width: float = Limits(gt=0)
    height: float = Limits(gt=0)
    top: float = Limits(ge=0)
    right: float = Limits(ge=0)
    bottom: float = Limits(ge=0)
    left: float = Limits(ge=0)
    columns: tuple[Columns, ...] = Limits(min_length=1)
    rows: tuple[Annotated[float, Limits(gt=0)], ...] = Limits(min_length=1)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if sum(self.column_mm) > self.width - self.left - self.right + 0.05:
            raise ValueError(f"columns are {sum(self.column_mm):.1f} mm wide, wider than the margins leave")
        if sum(self.rows) > self.height - self.top - self.bottom + 0.05:
            raise ValueError(f"rows are {sum(self.rows):.1f} mm high, higher than the margins leave")
        return self

    @property
    def column_mm(self) -> tuple[float, ...]:
        return tuple(run.mm for run in self.columns for _ in range(run.count))

    def rect(self, cell: Cell) -> Rect:
        widths = self.column_mm
        return Rect(
            self.left + sum(widths[: cell.column]),
            self.top + sum(self.rows[: cell.row]),
            sum(widths[cell.column : cell.column + cell.columns]),
            sum(self.rows[cell.row : cell.row + cell.rows]),
        )


class Cell(StrictTable):
    """A rectangle of the grid and what is drawn in it.

    `value`: the field's value, behind `text` where there is one; of a choice the whole row of ticks with its options' texts.
    `label`: `text`, or the field's label. `option`: one tick, with `text` or the option's text behind it (`bare`: no text at all).
    """

    row: int = Limits(ge=0)
    column: int = Limits(ge=0)
    columns: int = Limits(default=1, ge=1)
    rows: int = Limits(default=1, ge=1)
    draws: Literal["label", "value", "option"] = "value"
    text: str = ""
    option: str = ""
    bare: bool = False
    pt: float = Limits(default=10.5, ge=5, le=36)
    align: Literal["left", "center", "right"] = "left"
    valign: Literal["top", "middle", "bottom"] = "middle"
    border: bool = True
    bold: bool = False
    vertical: bool = False
    """Characters below each other, as in a narrow label at the side."""

    @property
    def squares(self) -> Iterator[tuple[int, int]]:
        return (
            (row, column)
            for row in range(self.row, self.row + self.rows)
            for column in range(self.column, self.column + self.columns)
        )
