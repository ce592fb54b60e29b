"""Sides: the parts of a page, one below the other in portrait, side by side in landscape.

Left stands what to do (heading, picture, sum), right what is chosen or typed; nothing is as wide as the window, and nothing has to share
its height with everything else.
"""

from __future__ import annotations

from typing import Literal

from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget


def move(widget: QWidget, column: QVBoxLayout, at: int, *others: QVBoxLayout) -> None:
    """Put a widget into a column at a place, out of whichever of the others it is in."""
    if column.indexOf(widget) < 0:
        for other in others:
            other.removeWidget(widget)
        column.insertWidget(at, widget)


Part = Literal["aside", "main", "foot"]


class Sides:
    """`aside` is above `main`, and `foot` below it; in landscape `aside` and `foot` are the left side, `main` is the right one.

    In portrait `grows` takes the height nobody needs. `shares` are the widths of left and right.
    """

    def __init__(
        self,
        column: QVBoxLayout,
        between: int,
        shares: tuple[int, int] = (4, 5),
        grows: Part = "main",
    ) -> None:
        self._shares, self._between, self._spacing = shares, between, column.spacing()
        self.wide = self._alone = False
        self._box = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._left = QVBoxLayout()
        self.aside, self.main, self.foot = QVBoxLayout(), QVBoxLayout(), QVBoxLayout()
        for part in (self._box, self._left, self.aside, self.main, self.foot):
            part.setSpacing(self._spacing)
        self._grows = int(grows == "aside"), int(grows == "main"), int(grows == "foot")
        self._left.addLayout(self.aside, self._grows[0])
        self._left.addStretch(0)
        self._box.addLayout(self._left, self._grows[0])
        self._box.addLayout(self.main, self._grows[1])
        self._box.addLayout(self.foot, self._grows[2])
        column.addLayout(self._box, 1)

    def tighten(self, spacing: int, foot: int | None = None) -> None:
        """Other gaps on the left side; `foot` where controls there stand below each other."""
        self._left.setSpacing(spacing)
        self.aside.setSpacing(spacing)
        self.foot.setSpacing(spacing if foot is None else foot)

    def alone(self, alone: bool) -> None:
        """True: there is nothing on the right side now, and `aside` has all of the width."""
        self._alone = alone
        self._share()

    def _share(self) -> None:
        shares: tuple[int, ...] = (1, 0) if self._alone else self._shares if self.wide else self._grows
        for i, share in enumerate(shares):
            self._box.setStretch(i, share)
        self._left.setStretch(0, 1 if self._alone else self._grows[0])

    def turn(self, wide: bool) -> bool:
        """Whether anything was moved."""
        if wide == self.wide:
            return False
        self.wide = wide
        before, after = (self._box, self._left) if wide else (self._left, self._box)
        before.removeItem(self.foot)
        self.foot.setParent(None)
        after.addLayout(self.foot, self._grows[2])
        down, across = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
        self._box.setDirection(across if wide else down)
        self._box.setSpacing(self._between if wide else self._spacing)
        self._share()
        return True

    def width_of_main(self, width: int) -> int:
        """Pixels of the right side, of `width` for both; in portrait the whole of it. A pixel less where it does not divide."""
        return (width - self._between) * self._shares[1] // sum(self._shares) - 1 if self.wide else width

    def width_of_aside(self, width: int) -> int:
        return (width - self._between) * self._shares[0] // sum(self._shares) - 1 if self.wide else width
