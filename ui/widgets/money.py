"""Money and codes: an amount large and right-aligned, a QR symbol crisp."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QWidget

from ui.paint.shapes import Elevation, fill_round
from ui.paint.text import text_width
from ui.theme import Theme
from ui.widgets.base import Painted


def yuan(fen: int) -> str:
    """¥ and two decimals, as on pay pages: 15000 -> ¥150.00."""
    sign = "-" if fen < 0 else ""
    whole, rest = divmod(abs(fen), 100)
    return f"{sign}¥{whole:,}.{rest:02d}"


class AmountBlock(Painted):
    """Tinted block: what for on the left, how much on the right."""

    def __init__(
        self, theme: Theme, name: str, label: str, fen: int, *, note: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, name, f"{label}，{yuan(fen)}" + (f"，{note}" if note else ""), parent)
        self._label, self._fen, self._note = label, fen, note
        self.setFixedHeight(theme.pick(144, 168))

    def set_amount(self, label: str, fen: int, note: str = "") -> None:
        if (label, fen, note) == (self._label, self._fen, self._note):
            return
        self._label, self._fen, self._note = label, fen, note
        self.setAccessibleName(f"{label}，{yuan(fen)}" + (f"，{note}" if note else ""))
        self.update()

    def paint(self, p: QPainter) -> None:
        t = self.theme
        rect = QRectF(self.rect())
        edge = t.color("card_edge") if t.high_contrast else None
        fill_round(p, rect, t.px("radius.card"), t.color("tint"), edge, t.px("stroke.outline"))
        inner = rect.adjusted(t.px(40), 0, -t.px(40), 0)
        if self._note and self._under(inner.width()):
            self._paint_under(p, inner)
            return
        amount = self.line_text(p, inner, yuan(self._fen), ("display", "h1"), "amount", "right")
        left = QRectF(inner.x(), 0, amount.left() - inner.x() - t.px(16), rect.height())
        if self._note:
            upper = left.adjusted(0, t.px(18), 0, -rect.height() / 2)
            self.line_text(p, upper, self._label, ("h3", "label", "small"), "text", bold=True)
            lower = left.adjusted(0, rect.height() / 2, 0, -t.px(18))
            self.line_text(p, lower, self._note, "small", "muted")
        else:
            self.line_text(p, left, self._label, ("h3", "label", "small"), "text", bold=True)

    def _under(self, width: float) -> bool:
        """There is no room for the note beside the amount."""
        t = self.theme
        taken = text_width(yuan(self._fen), t.font("display")) + t.px(16)
        return taken + text_width(self._note, t.font("small")) > width

    def _paint_under(self, p: QPainter, inner: QRectF) -> None:
        """The note in a line of its own."""
        t = self.theme
        foot = QRectF(inner.x(), inner.bottom() - t.line("small") - t.px(6), inner.width(), t.line("small"))
        self.line_text(p, foot, self._note, "small", "muted")
        head = QRectF(inner.x(), t.px(6), inner.width(), foot.y() - t.px(6))
        amount = self.line_text(p, head, yuan(self._fen), ("display", "h1"), "amount", "right")
        head.setRight(amount.left() - t.px(16))
        self.line_text(p, head, self._label, ("h3", "label", "small"), "text", bold=True)


class QrPanel(Painted):
    """A QR symbol on a white plate in every theme: whole pixels per module, four modules of quiet zone, level M.

    `side` is the size of the plate; the symbol takes the largest whole module size that fits. `veil` greys an expired one.
    """

    QUIET = 4

    def __init__(
        self,
        theme: Theme,
        name: str,
        payload: str,
        spoken: str = "二维码",
        side: int = 520,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, name, spoken, parent)
        self.elevation: Elevation = 0
        self._veil = False
        px = theme.px(side)
        self.setFixedSize(px, px)
        self._payload = ""
        self._symbol = QImage()
        self.set_payload(payload)

    def set_payload(self, payload: str) -> None:
        """Raises segno.DataOverflowError for more than a QR symbol holds."""
        if payload == self._payload:
            return
        self._payload = payload
        if not payload:
            self._symbol = QImage()
        else:
            import segno  # only the pages that show a symbol pay for it

            matrix = segno.make_qr(payload, error="m", boost_error=False).matrix
            count = len(matrix)
            symbol = QImage(count, count, QImage.Format.Format_RGB32)
            symbol.fill(Qt.GlobalColor.white)
            for y, row in enumerate(matrix):
                for x, dark in enumerate(row):
                    if dark:
                        symbol.setPixelColor(x, y, QColor(0, 0, 0))
            self._symbol = symbol
        self.update()

    @property
    def module_px(self) -> int:
        """Pixels per module; 0 when nothing is shown."""
        count = self._symbol.width()
        return self.width() // (count + 2 * self.QUIET) if count else 0

    def set_veiled(self, veiled: bool) -> None:
        self._veil = veiled
        self.update()

    def clear(self) -> None:
        self.set_payload("")

    def paint(self, p: QPainter) -> None:
        t = self.theme
        rect = QRectF(self.rect())
        fill_round(p, rect, t.px("radius.field"), t.color("plate"))
        if self._symbol.isNull():
            return
        p.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        side = self._symbol.width() * self.module_px
        offset = (self.width() - side) // 2
        p.drawImage(QRect(offset, offset, side, side), self._symbol)  # nearest neighbour: no smoothing hint is set
        if self._veil:
            p.setRenderHint(QPainter.RenderHint.Antialiasing, True)
            veil = QColor(t.color("plate"))
            veil.setAlpha(225)
            fill_round(p, rect, t.px("radius.field"), veil)
