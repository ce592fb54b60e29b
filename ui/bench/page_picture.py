"""A page of a PDF as a picture, drawn by poppler's `pdftoppm` in a process of its own: from memory to memory, never over a file."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QObject, QProcess, QRectF, QSize, QStandardPaths, Qt, Signal, Slot
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QAbstractButton, QDialog, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from ui.bench.look import button, label, named, row
from ui.theme import Theme

_RATIO = 297 / 210
_PROGRAM = "pdftoppm"
DPI = 150
"""Dense enough to be read enlarged, and for the small picture on dense screens."""


class PageDrawer(QObject):
    """Draws one page at a time, the newest wish wins. `drawn` brings an empty picture where it could not be drawn."""

    drawn = Signal(QPixmap)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None

    @staticmethod
    def able() -> bool:
        return bool(QStandardPaths.findExecutable(_PROGRAM))

    def draw(self, pdf: bytes, page: int) -> None:
        """`page` counts from 1."""
        self.stop()
        process = QProcess(self)
        self._process = process
        process.finished.connect(self._finish)
        process.errorOccurred.connect(self._finish)
        words = ["-png", "-r", str(DPI), "-f", str(page), "-l", str(page), "-singlefile", "-"]
        process.start(_PROGRAM, words)
        process.write(QByteArray(pdf))
        process.closeWriteChannel()

    def stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.disconnect(self)
            process.kill()
            process.waitForFinished(1000)  # killed: there is nothing it could still wait for
            process.deleteLater()

    @Slot()
    def _finish(self) -> None:
        process, self._process = self._process, None
        if process is None:  # it failed, and ended by that
            return
        picture = QPixmap()
        picture.loadFromData(process.readAllStandardOutput(), "PNG")
        process.deleteLater()
        self.drawn.emit(picture)


class PageFace(QAbstractButton):
    """One A4 page, small; a click enlarges it."""

    def __init__(self, theme: Theme, name: str, width: int) -> None:
        super().__init__()
        named(self, name, "打印出来的页，点按放大")
        self.setFixedSize(QSize(width, round(width * _RATIO)))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.picture = QPixmap()
        self._theme = theme
        self._words = ""
        self._shown = QPixmap()
        self.show_picture(QPixmap(), "")

    def show_picture(self, picture: QPixmap, words: str) -> None:
        """`words` stand there where the picture is empty."""
        self.picture, self._words = picture, words
        self._shown = QPixmap()
        if not picture.isNull():
            wide = Qt.TransformationMode.SmoothTransformation
            self._shown = picture.scaledToWidth(self.width() * 2, wide)
        self.setEnabled(not picture.isNull())
        self.setCursor(Qt.CursorShape.PointingHandCursor if not picture.isNull() else Qt.CursorShape.ArrowCursor)
        self.update()

    @property
    def words(self) -> str:
        return self._words

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        rect = QRectF(self.rect())
        if self._shown.isNull():
            p.fillRect(rect, self._theme.color("well"))
            p.setPen(self._theme.color("placeholder"))
            inner = rect.adjusted(16, 0, -16, 0)
            p.drawText(inner, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._words)
        else:
            p.fillRect(rect, QColor("#FFFFFF"))
            p.drawPixmap(rect, self._shown, QRectF(self._shown.rect()))
            p.setPen(self._theme.color("divider") if not self.hasFocus() else QColor("#FFB020"))
            p.drawRect(rect.adjusted(0.5, 0.5, -0.5, -0.5))
        p.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self.isEnabled():
            super().mousePressEvent(event)
        else:
            event.ignore()


class PageDialog(QDialog):
    """One page large. Not modal: the kiosk goes on beside it."""

    def __init__(self, picture: QPixmap, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        named(self, "bench.page", title)
        self.setWindowTitle(f"{title} · 模拟")
        shown = QLabel()
        shown.setPixmap(picture)
        area = QScrollArea()
        area.setWidget(shown)
        area.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        close = button("bench.page.close", "关闭")
        close.clicked.connect(self.close)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(area, 1)
        column.addLayout(row(label(title, "muted"), 1, close))
        room = self.screen().availableGeometry()
        self.setMinimumSize(420, 300)
        self.resize(min(room.width() - 40, picture.width() + 60), min(room.height() - 80, picture.height() + 110))
