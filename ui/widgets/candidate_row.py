"""CandidateRow: the characters and words that typed letters may stand for, six at most at a time, to be tapped."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from kiosk.domain.input_method import PAGE_SIZE, Candidate
from ui.paint.shapes import fill_round
from ui.theme import Theme
from ui.widgets.base import Painted, Tappable
from ui.widgets.keypads.number_pad import Key

_ROLE = "h2"


def page_from(theme: Theme, width: int, found: Sequence[Candidate], start: int) -> list[tuple[Candidate, int]]:
    """The candidates of the page that begins with the `start`th on a row of this width, each with the width of its key.

    As many as fit, six at most, one at least.
    """
    gap = theme.px("gap_min")
    room = width - 2 * theme.px(6) - 2 * (theme.pick(90, 112) + gap)
    taken: list[tuple[Candidate, int]] = []
    for candidate in found[start : start + PAGE_SIZE]:
        wide = max(theme.pick(98, 112), len(candidate.text) * theme.font_px(_ROLE) + theme.px(44))
        if taken and wide > room:
            break
        taken.append((candidate, min(wide, room)))
        room -= wide + gap
    wider = min(max(0, room) // PAGE_SIZE, theme.px(36))
    return [(candidate, wide + wider) for candidate, wide in taken]


class _CandidateKey(Tappable):
    """Not a key cap: its looks are never kept, because they tell what was typed."""

    def __init__(self, row: CandidateRow, place: int, prefix: str) -> None:
        super().__init__(row.theme, f"{prefix}.candidate.{place + 1}", "", row)
        self._row, self.candidate = row, Candidate("", 0)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.hide()

    def offer(self, candidate: Candidate) -> None:
        self.candidate = candidate
        self._last_tap = float("-inf")  # another text: its first tap is not the second of a double one
        self.setAccessibleName(candidate.text)

    def tap(self) -> None:
        if self.candidate.text:
            self._row.chosen.emit(self.candidate)

    def paint(self, p: QPainter) -> None:
        t = self.theme
        rect = QRectF(self.rect())
        fill = "pressed" if self.isDown() else "surface"
        fill_round(p, rect, t.px("radius.key"), t.color(fill), t.color("primary"), t.px("stroke.divider"))
        self.line_text(p, rect, self.candidate.text, (_ROLE, "h3"), "text", "center", bold=False)
        self.focus_ring(p, t.px("radius.key"))


class CandidateRow(Painted):
    """Emits `chosen(Candidate)`. What does not fit is on further pages, turned with the two keys at the right."""

    chosen = Signal(object)

    def __init__(self, theme: Theme, prefix: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, f"{prefix}.candidates", "候选字", parent)
        self._keys = [_CandidateKey(self, i, prefix) for i in range(PAGE_SIZE)]
        self.previous = Key(theme, f"{prefix}.candidates.previous", "上一页", "前面的字", "chevron-left", self)
        self.following = Key(theme, f"{prefix}.candidates.next", "下一页", "后面的字", "chevron-right", self)
        self.previous.tapped.connect(lambda: self._turn(-1))
        self.following.tapped.connect(lambda: self._turn(1))
        self._found: Sequence[Candidate] = ()
        self._starts: list[int] = [0]
        self._page = 0
        self._letters = ""
        self._idle = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(self.height_of(theme))
        self._lay()

    @staticmethod
    def height_of(theme: Theme) -> int:
        return theme.pick(96, 112) + theme.px(16)

    def show_candidates(self, letters: str, found: Sequence[Candidate], idle: str = "") -> None:
        """`idle`: what to say while no letters are typed."""
        self._letters, self._found, self._idle, self._page = letters, found, idle, 0
        self._starts = [0]
        self._lay()

    @property
    def offered(self) -> tuple[str, ...]:
        """What can be tapped now."""
        return tuple(key.candidate.text for key in self._keys if not key.isHidden())

    def _turn(self, by: int) -> None:
        self._page = max(0, self._page + by)
        self._lay()

    def _page_from(self, start: int) -> list[tuple[Candidate, int]]:
        return page_from(self.theme, self.width(), self._found, start)

    def _lay(self) -> None:
        t = self.theme
        gap, edge, high = t.px("gap_min"), t.px(6), t.pick(96, 112)
        top = self.height() - high
        while len(self._starts) <= self._page:
            start = self._starts[-1]
            self._starts.append(start + len(self._page_from(start)))
        taken = self._page_from(self._starts[self._page])
        x = edge
        for i, key in enumerate(self._keys):
            if i < len(taken):
                candidate, width = taken[i]
                key.offer(candidate)
                key.setGeometry(x, top, width, high)
                key.show()
                x += width + gap
            else:
                key.hide()
                key.offer(Candidate("", 0))
        more = self._starts[self._page] + len(taken) < len(self._found)
        side = t.pick(90, 112)
        right = self.width() - edge - side
        for turner, on in ((self.following, more), (self.previous, self._page > 0)):
            turner.setGeometry(right, top, side, high)
            turner.setEnabled(on)
            turner.setVisible(more or self._page > 0)
            right -= side + gap
        offered = "、".join(candidate.text for candidate, _ in taken)
        self.setAccessibleName(f"候选字：{offered}" if offered else self._says())
        self.update()

    def _says(self) -> str:
        return f"“{self._letters}”没有对应的字，请删掉重打。" if self._letters else self._idle or "候选字"

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._starts = [0]
        self._page = 0
        self._lay()

    def sizeHint(self) -> QSize:
        return QSize(self.theme.px(1080), self.height())

    def paint(self, p: QPainter) -> None:
        t = self.theme
        p.fillRect(self.rect(), t.color("well"))
        if not self._found and self._says() != "候选字":
            box = QRectF(t.px(48), self.height() - t.pick(96, 112), self.width() - t.px(96), t.pick(96, 112))
            self.line_text(p, box, self._says(), ("body", "small"), "muted")
