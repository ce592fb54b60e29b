"""Painted sheets of paper: one whole, and an enlarged part of it.

Sheets are painted elsewhere (`ui.forms.picture`); here their pictures are only laid down. `clear()` drops them; what is still being
painted then stops and is thrown away.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from PySide6.QtCore import QPointF, QRectF, QSize, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from kiosk.domain.forms.sheet import Sheet
from ui.forms.page import Tint
from ui.forms.picture import Pictures, Wanted
from ui.paint.shapes import fill_round
from ui.theme import Theme
from ui.widgets.base import Painted
from ui.widgets.rings import Spinner

WAIT, BROKEN = "正在画申请表…", "申请表暂时画不出来"
BODY_PT = 10.5
"""Most of a form is set in this size: enlarged it is as large as the page's own text."""
_ABOVE_MM = 2.0
"""Of paper shown above the first row with an answer."""
_OVERLAP = 0.12
"""Part of a view that the next one shows again."""


def tint_of(theme: Theme) -> Tint:
    """Paper is white in every theme, and so are the colours on it those of the light one."""
    light = theme.tokens.light
    return Tint(QColor(light["chip"]), QColor(light["on_chip"]))


def first_answer(sheet: Sheet) -> float:
    """How far down the sheet the first row with an answer begins, in parts of it. Bar codes and the title stand above."""
    page = sheet.form.page
    answers = (f for f in sheet.form.field if f.kind != "barcode" and sheet.values.get(f.key))
    tops = [page.rect(cell).y for field in answers for cell in field.cells]
    return max(0.0, min(tops, default=_ABOVE_MM) - _ABOVE_MM) / page.height


class _Paper(Painted):
    """Common to both views: pictures of sheets by number, and what is said where there is none yet."""

    def __init__(self, theme: Theme, name: str, spoken: str, parent: QWidget) -> None:
        super().__init__(theme, name, spoken, parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._painting: Pictures | None = None
        self._images: dict[int, QImage] = {}

    def _ask(self, wanted: Sequence[Wanted]) -> None:
        """In place of what was asked for before; pictures that are there stay until the new ones come."""
        self._stop()
        self._painting = Pictures(wanted, tint_of(self.theme), self._deliver)

    def _deliver(self, place: int, image: QImage) -> None:
        self._images[place] = image
        self.update()

    def _stop(self) -> None:
        if self._painting is not None:
            self._painting.abandon()
            self._painting = None

    def _forget(self) -> None:
        self._stop()
        self._images = {}


class SheetView(_Paper):
    """One sheet whole. A tap on it emits `pointed` with the place, in parts of the sheet."""

    pointed = Signal(QPointF)

    def __init__(self, theme: Theme, name: str, parent: QWidget) -> None:
        super().__init__(theme, name, "申请表预览", parent)
        self._sheets: tuple[Sheet, ...] = ()
        self._index = 0
        self._frame: QRectF | None = None
        self._asked = QSize()
        self._spinner = Spinner(theme, f"{name}.spinner", WAIT, 96, self)
        self._pressed: QPointF | None = None

    def set_sheets(self, sheets: tuple[Sheet, ...], index: int) -> None:
        self._forget()
        self._sheets, self._index = sheets, index
        self._asked = QSize()
        self._tell()

    def show_sheet(self, index: int) -> None:
        self._index = index
        self._tell()

    def set_frame(self, frame: QRectF | None) -> None:
        """What the enlarged view shows, in parts of the sheet."""
        self._frame = frame
        self.update()

    def clear(self) -> None:
        self._forget()
        self._sheets = ()
        self._spinner.hide()

    def ready(self) -> bool:
        return not self._images.get(self._index, QImage()).isNull()

    def picture(self) -> QImage:
        """Of the sheet shown; null while it is being painted."""
        return self._images.get(self._index, QImage())

    def _paint_all(self) -> None:
        """The sheet that is looked at first. Asked for when the view is painted itself: only then is its size the last."""
        if self._sheets and self.size() != self._asked:
            self._asked = self.size()
            order = sorted(range(len(self._sheets)), key=lambda i: (i != self._index, i))
            self._ask([Wanted(i, self._sheets[i], round(self._area(i).width())) for i in order])

    def _deliver(self, place: int, image: QImage) -> None:
        super()._deliver(place, image)
        self._tell()

    def _tell(self) -> None:
        waiting = bool(self._sheets) and self._index not in self._images
        self._spinner.setVisible(waiting)
        self.setAccessibleName(WAIT if waiting else f"申请表预览，第 {self._index + 1} 张，共 {len(self._sheets)} 张")
        self.update()

    def _area(self, index: int) -> QRectF:
        """Where the sheet lies, in whole pixels."""
        if not self._sheets:
            return QRectF(self.rect())
        page = self._sheets[index].form.page
        scale = min(self.width() / page.width, self.height() / page.height)
        width = int(page.width * scale + 1e-6)
        height = round(width * page.height / page.width)  # as it is painted: nothing is scaled
        return QRectF((self.width() - width) // 2, (self.height() - height) // 2, width, height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        side = self._spinner.width()
        self._spinner.move((self.width() - side) // 2, self.height() // 2 - side - self.theme.px(8))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()
        self._pressed = event.position()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()
        start, self._pressed = self._pressed, None
        area = self._area(self._index)
        at = event.position()
        slop = self.theme.mm(self.theme.ms("slop_mm"))
        if start is None or not area.contains(start) or (at - start).manhattanLength() > 2 * slop:
            return
        self.pointed.emit(QPointF((start.x() - area.x()) / area.width(), (start.y() - area.y()) / area.height()))

    def paint(self, p: QPainter) -> None:
        self._paint_all()
        t = self.theme
        area = self._area(self._index)
        image = self._images.get(self._index)
        if image is not None and not image.isNull():
            if image.size() == area.size().toSize():
                p.drawImage(area.topLeft(), image)
            else:
                p.drawImage(area, image)
        else:
            p.fillRect(area, t.color("plate"))
            words = WAIT if image is None else BROKEN
            box = QRectF(area.x(), area.center().y() + t.px(16), area.width(), t.line("body"))
            self.line_text(p, box, words, ("body", "label", "small"), "on_plate", "center")
        fill_round(p, area, 0, None, t.color("outline"), t.px("stroke.divider"))
        if self._frame is not None:
            f = self._frame
            box = QRectF(
                area.x() + f.x() * area.width(), area.y() + f.y() * area.height(),
                f.width() * area.width(), f.height() * area.height(),
            )  # fmt: skip
            # on white paper in every theme
            fill_round(p, box, 0, None, QColor(t.tokens.light["primary"]), t.px("stroke.selected"))


class SheetPart(_Paper):
    """An enlarged part of a sheet, moved by `look_at` and in reading order by `step`. Emits `moved`."""

    moved = Signal()

    def __init__(self, theme: Theme, name: str, parent: QWidget) -> None:
        super().__init__(theme, name, "放大的申请表", parent)
        self._sheet: Sheet | None = None
        self._rough = QImage()
        self._corner = QPointF(0, 0)
        self._large = QSize(1, 1)
        self._begin = 0
        """Pixels above the first step's view: what nobody answered is found by pointing."""

    def show_sheet(self, sheet: Sheet, rough: QImage) -> None:
        """`rough` is shown enlarged until the sheet has been painted large."""
        self._sheet, self._rough = sheet, rough
        self._forget()
        width = self._width_of(sheet)
        self._large = QSize(width, round(width * sheet.form.page.height / sheet.form.page.width))
        self._begin = min(round(first_answer(sheet) * self._large.height()), self._lowest())
        self._ask([Wanted(0, sheet, width)])
        self.go_to(0)

    def _width_of(self, sheet: Sheet) -> int:
        """Of the enlarged sheet: about the size that type wants, so that views side by side just cover it."""
        view = max(1, self.width())
        wanted = sheet.form.page.width * self.theme.font_px("body") * 72 / BODY_PT / 25.4
        across = max(1, round((wanted / view - _OVERLAP) / (1 - _OVERLAP)))
        return round((across - (across - 1) * _OVERLAP) * view)

    def clear(self) -> None:
        self._forget()
        self._sheet, self._rough, self._corner = None, QImage(), QPointF(0, 0)

    @property
    def seen(self) -> QRectF:
        """What is shown, in parts of the sheet."""
        w, h = self._large.width(), self._large.height()
        return QRectF(
            self._corner.x() / w, self._corner.y() / h, min(1.0, self.width() / w), min(1.0, self.height() / h)
        )

    def look_at(self, place: QPointF) -> None:
        """The view's middle goes there, in parts of the sheet, as far as its edges let it."""
        x = place.x() * self._large.width() - self.width() / 2
        y = place.y() * self._large.height() - self.height() / 2
        self._go(QPointF(x, y))

    def _counts(self) -> tuple[int, int]:
        """Views side by side and one below the other."""
        across = (self._large.width() / max(1, self.width()) - _OVERLAP) / (1 - _OVERLAP)
        down = ((self._large.height() - self._begin) / max(1, self.height()) - _OVERLAP) / (1 - _OVERLAP)
        return max(1, ceil(across - 0.05)), max(1, ceil(down - 0.05))

    @property
    def steps(self) -> int:
        across, down = self._counts()
        return across * down

    def _corner_of(self, step: int) -> QPointF:
        across, down = self._counts()
        right = max(0, self._large.width() - self.width())
        column, row = step % across, step // across
        along = (self._lowest() - self._begin) * row / max(1, down - 1)
        return QPointF(right * column / max(1, across - 1), self._begin + along)

    def _lowest(self) -> int:
        return max(0, self._large.height() - self.height())

    @property
    def step(self) -> int:
        """The step whose view is nearest to what is shown."""
        corners = [self._corner_of(step) for step in range(self.steps)]
        return min(range(self.steps), key=lambda i: (corners[i] - self._corner).manhattanLength())

    def go_to(self, step: int) -> None:
        self._go(self._corner_of(min(max(step, 0), self.steps - 1)))

    def _go(self, corner: QPointF) -> None:
        right = max(0, self._large.width() - self.width())
        bottom = self._lowest()
        self._corner = QPointF(min(max(round(corner.x()), 0), right), min(max(round(corner.y()), 0), bottom))
        self.update()
        self.setAccessibleName(f"放大的申请表，第 {self.step + 1} 处，共 {self.steps} 处")
        self.moved.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._sheet is not None:
            self._go(self._corner)

    def paint(self, p: QPainter) -> None:
        t = self.theme
        image = self._images.get(0, QImage())
        room = QRectF(self.rect())
        p.fillRect(room, t.color("plate"))
        if not image.isNull():
            p.drawImage(QPointF(0, 0), image, QRectF(self._corner, room.size()))
        elif not self._rough.isNull():
            scale = self._rough.width() / self._large.width()
            part = QRectF(self._corner * scale, room.size() * scale)
            p.drawImage(room, self._rough, part)
        fill_round(p, room, 0, None, t.color("primary"), t.px("stroke.selected"))
