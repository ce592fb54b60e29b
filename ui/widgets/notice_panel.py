"""Panels whose text is turned like pages, because citizens' screens never scroll: the penalty notice, its full text, long lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import QRect, QRectF, QSize, Signal
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.paint.shapes import Elevation, fill_round
from ui.paint.text import TextShape, text_width
from ui.theme import Theme
from ui.widgets.base import Painted
from ui.widgets.buttons import BigButton

LEAST = 260
"""Pixels of height at scale 1.0 under which no panel gets."""


class Piece(Protocol):
    """What is not torn apart when a page is turned, unless it is higher than a whole page."""

    @property
    def height(self) -> int: ...

    def draw(self, panel: PagedPanel, p: QPainter, area: QRectF) -> None: ...

    def split(self, room: int) -> tuple[Piece, Piece] | None:
        """The part that fits into `room` pixels and the rest; None where it cannot be cut."""
        ...


class PagedPanel(Painted):
    """A card with a heading and pieces in a column; pager at its bottom when they do not fit the height the layout gives.

    As high as its pieces, and lower when it must be. `fill` takes all the height there is. `more` is the caption of a link (object
    name `more_name`) that emits `more_tapped`; `turned` tells of another page. Subclass with `pieces`.
    """

    more_tapped = Signal()
    turned = Signal()
    elevation: Elevation = 1

    def __init__(
        self,
        theme: Theme,
        name: str,
        title: str,
        *,
        more: str = "",
        more_name: str = "",
        fill: bool = False,
        divided: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, name, title, parent)
        self._title = title
        self._divided = divided
        self._page = 0
        self._pages: list[list[Piece]] = [[]]
        policy = QSizePolicy.Policy.Expanding if fill else QSizePolicy.Policy.Maximum
        self.setSizePolicy(QSizePolicy.Policy.Expanding, policy)
        self.setMinimumHeight(theme.px(LEAST))
        self.previous = BigButton(
            theme, f"{name}.previous", "上一页", "secondary", "chevron-left", height="touch_min", parent=self
        )
        self.following = BigButton(
            theme,
            f"{name}.next",
            "下一页",
            "secondary",
            "chevron-right",
            icon_after=True,
            height="touch_min",
            parent=self,
        )
        self.previous.tapped.connect(lambda: self.turn_to(self._page - 1))
        self.following.tapped.connect(lambda: self.turn_to(self._page + 1))
        self.more: BigButton | None = None
        if more:
            self.more = BigButton(theme, more_name or f"{name}.more", more, "link", height="touch_min", parent=self)
            self.more.tapped.connect(self.more_tapped)

    def pieces(self, width: int) -> list[Piece]:
        """What to show, laid out for a width."""
        raise NotImplementedError

    # -- pages -----------------------------------------------------------------------------------------------------------

    @property
    def page(self) -> int:
        return self._page

    @property
    def pages(self) -> int:
        return len(self._pages)

    def turn_to(self, page: int) -> None:
        before, self._page = self._page, min(max(page, 0), len(self._pages) - 1)
        self._show_controls()
        self.update()
        if self._page != before:
            self.turned.emit()

    def offer_more(self, caption: str) -> None:
        """Another caption for the link; "" takes it away."""
        if self.more is not None:
            self.more.set_caption(caption)
            self.more.setVisible(bool(caption))

    @property
    def _linked(self) -> bool:
        return self.more is not None and not self.more.isHidden()

    def relayout(self) -> None:
        """The pieces are others now."""
        self.updateGeometry()
        self._flow()
        self.update()

    # -- measures --------------------------------------------------------------------------------------------------------

    def _inset(self) -> int:
        return self.theme.px(32)

    def _top(self) -> int:
        return self.theme.px(20)

    def _gap(self) -> int:
        return self.theme.px(14)

    def _control_h(self) -> int:
        return self.theme.px("touch_min")

    def _head_h(self, paged: bool) -> int:
        """The link stands in the heading's line, or beside the pager where there is one."""
        if not self._title and (paged or not self._linked):
            return 0
        line = self.theme.line("h3") + self.theme.px(12)
        return line if paged or not self._linked else max(line, self._control_h() - self._top() // 2)

    def least_height(self, width: int) -> int:
        """In which no piece has to be cut, however often is turned."""
        tallest = max((piece.height for piece in self.pieces(width - 2 * self._inset())), default=0)
        return self._top() + self._head_h(True) + tallest + self._control_h() + self.theme.px(8) + self.theme.px(12)

    def natural_height(self, width: int) -> int:
        """Of heading and pieces, where nothing has to be turned."""
        heights = [piece.height for piece in self.pieces(width - 2 * self._inset())]
        return self._top() + self._head_h(False) + sum(heights) + self._gap() * (len(heights) - 1) + self._top()

    def fit(self, width: int, room: int) -> None:
        """As high as its pieces at this width, but not higher than `room`."""
        self.setFixedHeight(max(self.theme.px(LEAST), min(self.natural_height(width), room)))

    def sizeHint(self) -> QSize:
        width = self.width() if self.width() > 100 else self.theme.px(984)
        return QSize(self.theme.px(400), self.natural_height(width))

    def minimumSizeHint(self) -> QSize:
        return QSize(self.theme.px(200), self.minimumHeight())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()
        self._flow()

    def _flow(self) -> None:
        width, height = self.width(), self.height()
        todo = self.pieces(width - 2 * self._inset())
        if self.natural_height(width) <= height:
            self._pages = [todo]
        else:
            below = self._control_h() + self.theme.px(8) + self.theme.px(12)
            room = max(height - self._top() - self._head_h(True) - below, self.theme.line("body"))
            self._pages = self._broken(todo, room)
        self.turn_to(self._page)

    def _broken(self, todo: list[Piece], room: int) -> list[list[Piece]]:
        pages: list[list[Piece]] = [[]]
        used = 0
        queue = list(reversed(todo))
        while queue:
            piece = queue.pop()
            gap = self._gap() if pages[-1] else 0
            if used + gap + piece.height <= room:
                pages[-1].append(piece)
                used += gap + piece.height
                continue
            if pages[-1] and piece.height <= room:
                pages.append([])
                used = 0
                queue.append(piece)
                continue
            halves = piece.split(room - used - gap)
            if halves is not None:
                pages[-1].append(halves[0])
                queue.append(halves[1])
            elif not pages[-1]:
                pages[-1].append(piece)  # cannot be cut: shown as far as there is room, and reported by the checks
            else:
                queue.append(piece)
            pages.append([])
            used = 0
        return [page for page in pages if page] or [[]]

    def _show_controls(self) -> None:
        t = self.theme
        paged = len(self._pages) > 1
        h = self._control_h()
        y = self.height() - t.px(12) - h
        x = self._inset() - t.px(8)
        end = self.width() - x
        if self.more is not None and self._linked:
            width = round(text_width(self.more.caption, t.font("h3", bold=True))) + t.px(48)
            right = self.width() - t.px(8)
            self.more.setGeometry(QRect(right - width, y if paged else self._top() // 2, width, h))
            end = right - width - t.px("gap_min")
        between = t.pick(112, 124)
        wide = t.pick(208, 244)
        short = 2 * wide + between > end - x  # arrows alone, where there is no room for their words
        wide = h if short else wide
        self.previous.setGeometry(QRect(x, y, wide, h))
        self.following.setGeometry(QRect(x + wide + between if self._linked else end - wide, y, wide, h))
        for button, caption, usable in (
            (self.previous, "上一页", self._page > 0),
            (self.following, "下一页", self._page < len(self._pages) - 1),
        ):
            button.set_caption("" if short else caption, caption)
            button.setVisible(paged)
            button.setEnabled(usable)

    def paint(self, p: QPainter) -> None:
        t = self.theme
        rect = QRectF(self.rect())
        fill_round(p, rect, t.px("radius.card"), t.color("surface"), t.color("card_edge"), t.px("stroke.outline"))
        paged = len(self._pages) > 1
        x, width = self._inset(), self.width() - 2 * self._inset()
        head = self._head_h(paged)
        if self._title:
            link = self.more if self._linked else None
            room = width if paged or link is None else link.x() - x - t.px(12)
            box = QRectF(x, self._top(), room, t.line("h3"))
            if link is not None and not paged:
                box.moveTop(link.y() + (self._control_h() - box.height()) / 2)
            self.line_text(p, box, self._title, ("h3", "label", "small"), "text", bold=True)
        y = float(self._top() + head)
        if paged:
            left = self.previous.geometry().right()
            box = QRectF(left, self.previous.y(), self.following.x() - left, self._control_h())
            self.line_text(p, box, f"{self._page + 1} / {len(self._pages)}", ("h3", "label"), "text", "center")
        shown = self._pages[self._page]
        for i, piece in enumerate(shown):
            piece.draw(self, p, QRectF(x, y, width, piece.height))
            y += piece.height
            if self._divided and i + 1 < len(shown):
                p.fillRect(QRectF(x, y + self._gap() / 2 - 1, width, t.px("stroke.divider")), t.color("divider"))
            y += self._gap()


class RowPiece:
    """A label and a paragraph, or a paragraph alone."""

    def __init__(
        self,
        panel: PagedPanel,
        label: str,
        value: str,
        label_w: int,
        width: int,
        *,
        role: str = "body",
        color: str = "text",
    ) -> None:
        self.panel, self.label, self.value, self.label_w = panel, label, value, label_w
        self.width, self.role, self.color = width, role, color
        self.shape: TextShape = panel.shape(value, role, width - label_w)

    @property
    def height(self) -> int:
        return self.shape.height

    def draw(self, panel: PagedPanel, p: QPainter, area: QRectF) -> None:
        if self.label:
            box = QRectF(area.x(), area.y(), self.label_w - panel.theme.px(12), panel.theme.line(self.role))
            panel.line_text(p, box, self.label, ("label", "small"), "muted")
        box = QRectF(area.x() + self.label_w, area.y(), area.width() - self.label_w, area.height())
        panel.write(p, self.shape, self.value, box, self.role, self.color)

    def split(self, room: int) -> tuple[Piece, Piece] | None:
        lines = room // self.panel.theme.line(self.role)
        if lines < 1 or lines >= self.shape.lines:
            return None
        low, high = 1, len(self.value)
        while low < high:
            middle = (low + high + 1) // 2
            fits = self.panel.shape(self.value[:middle], self.role, self.width - self.label_w).lines <= lines
            low, high = (middle, high) if fits else (low, middle - 1)
        cut = max(self.value.rfind(mark, low // 2, low) + 1 for mark in "。；，\n") or low
        first, rest = (
            RowPiece(self.panel, self.label, part, self.label_w, self.width, role=self.role, color=self.color)
            for part in (self.value[:cut].rstrip("\n"), self.value[cut:])
        )
        return (first, rest)


class NoticePanel(PagedPanel):
    """Label and value in rows of body text. Rows without a label take the whole width (paragraphs of the full text)."""

    def __init__(
        self,
        theme: Theme,
        name: str,
        title: str,
        rows: Sequence[tuple[str, str]],
        *,
        more: str = "",
        more_name: str = "",
        fill: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(
            theme,
            name,
            title,
            more=more,
            more_name=more_name,
            fill=fill,
            divided=any(label for label, _ in rows),
            parent=parent,
        )
        self._rows: tuple[tuple[str, str], ...] = ()
        self._laid: tuple[int, list[Piece]] | None = None
        self.set_rows(title, rows)

    def set_rows(self, title: str, rows: Sequence[tuple[str, str]]) -> None:
        self._title, self._rows, self._laid = title, tuple(rows), None
        said = "。".join(f"{label}，{value}".strip("，。") for label, value in rows)
        self.setAccessibleName("。".join(part for part in (title, said) if part))
        self._page = 0
        self.relayout()

    def pieces(self, width: int) -> list[Piece]:
        if self._laid is None or self._laid[0] != width:
            font = self.theme.font("label")
            label_w = max((text_width(label, font) for label, _ in self._rows), default=0)
            column = round(label_w) + self.theme.px(24) if label_w else 0
            made: list[Piece] = [RowPiece(self, label, value, column, width) for label, value in self._rows]
            self._laid = (width, made)
        return list(self._laid[1])
