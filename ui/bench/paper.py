"""Receipts as they hang from the slot: small on the bench, full size in a window of their own."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QMouseEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QAbstractButton, QDialog, QFileDialog, QLabel, QScrollArea, QVBoxLayout, QWidget

from ui.bench.look import button, label, named, row

_TOOTH = 5


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of paper. `number` counts from 1 since the tray was last emptied."""

    number: int
    png: bytes = field(repr=False)
    text: str = field(repr=False)
    mm: float


class PaperThumb(QAbstractButton):
    """A piece scaled to a width, with the teeth of the knife; a click enlarges it."""

    def __init__(self, piece: Piece, width: int) -> None:
        super().__init__()
        named(self, f"bench.printer.paper.{piece.number}", f"第{piece.number}张凭条，点按放大")
        self.setToolTip(f"第 {piece.number} 张，{piece.mm:.0f} 毫米；点按放大")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.piece = piece
        self.picture = QPixmap()
        self.picture.loadFromData(piece.png, "PNG")
        shown = self.picture.scaledToWidth(width * 2, Qt.TransformationMode.SmoothTransformation)
        shown.setDevicePixelRatio(2)
        self._shown = shown
        height = round(shown.height() / 2) if not shown.isNull() else 40
        self.setFixedSize(QSize(width, height + _TOOTH))

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        paper = QRectF(0, 0, self.width(), self.height() - _TOOTH)
        p.fillRect(paper, QColor("#FFFEFB"))
        p.drawPixmap(QPoint(0, 0), self._shown)
        p.setPen(Qt.PenStyle.NoPen)
        p.setBrush(QColor("#FFFEFB"))
        for x in range(0, self.width(), 2 * _TOOTH):
            top = round(paper.bottom()) - 1
            p.drawPolygon([QPoint(x, top), QPoint(x + 2 * _TOOTH, top), QPoint(x + _TOOTH, top + _TOOTH)])
        if self.underMouse() or self.hasFocus():
            p.setBrush(Qt.BrushStyle.NoBrush)
            p.setPen(QColor("#FFB020"))
            p.drawRect(paper.adjusted(0.5, 0.5, -0.5, -0.5))
        p.end()


class PaperStrip(QScrollArea):
    """The tray: newest on top."""

    opened = Signal(object)

    def __init__(self, name: str, width: int, ground: QColor) -> None:
        super().__init__()
        named(self, name, "打印出来的凭条，最新的在上")
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._paper_width = width
        tray = QWidget()
        tray.setObjectName("bench.printer.tray")
        tray.setStyleSheet(f"#bench\\.printer\\.tray {{ background: {ground.name()}; border-radius: 8px; }}")
        self._column = QVBoxLayout(tray)
        self._column.setContentsMargins(0, 14, 0, 14)
        self._column.setSpacing(14)
        self._empty = QLabel("还没有凭条")
        self._empty.setStyleSheet("color: #B9D0FF;")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._column.addWidget(self._empty)
        self._column.addStretch(1)
        self.setWidget(tray)
        self.thumbs: list[PaperThumb] = []

    def add(self, piece: Piece) -> None:
        thumb = PaperThumb(piece, self._paper_width)
        thumb.clicked.connect(lambda: self.opened.emit(piece))
        self._column.insertWidget(0, thumb, 0, Qt.AlignmentFlag.AlignHCenter)
        self.thumbs.insert(0, thumb)
        self._empty.hide()
        self.verticalScrollBar().setValue(0)

    def empty(self) -> None:
        for thumb in self.thumbs:
            self._column.removeWidget(thumb)
            thumb.hide()
            thumb.deleteLater()
        self.thumbs.clear()
        self._empty.show()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.ignore()


class PaperDialog(QDialog):
    """One piece at full size (one dot of the head is one pixel). Not modal: the kiosk goes on beside it."""

    saved = Signal(str)
    failed = Signal(str)

    def __init__(self, piece: Piece, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        named(self, "bench.paper", f"第{piece.number}张凭条")
        self.setWindowTitle(f"凭条 {piece.number} · 模拟")
        self.piece = piece
        picture = QPixmap()
        picture.loadFromData(piece.png, "PNG")
        shown = QLabel()
        shown.setPixmap(picture)
        shown.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        area = QScrollArea()
        area.setWidget(shown)
        area.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        save = button("bench.paper.save", "保存 PNG", "primary")
        copy = button("bench.paper.copy", "复制文字")
        close = button("bench.paper.close", "关闭")
        save.clicked.connect(self.ask_where)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(piece.text))
        close.clicked.connect(self.close)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(area, 1)
        length = label(f"{piece.mm:.0f} 毫米", "muted")
        column.addLayout(row(length, 1, copy, save, close))
        room = self.screen().availableGeometry().height() - 80
        self.setMinimumSize(420, 300)
        self.resize(picture.width() + 60, min(room, picture.height() + 110))

    def ask_where(self) -> None:
        asking = QFileDialog(self, "保存凭条", f"receipt-{self.piece.number:03d}.png", "PNG (*.png)")
        asking.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        asking.setObjectName("bench.paper.where")
        asking.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        asking.setDefaultSuffix("png")
        asking.fileSelected.connect(self.save_to)
        asking.open()  # not exec: no nested event loop beside the kiosk's

    def save_to(self, path: str) -> None:
        try:
            with open(path, "wb") as file:
                file.write(self.piece.png)
        except OSError as error:
            self.failed.emit(f"凭条不能保存到 {path}：{error.strerror}")
        else:
            self.saved.emit(f"凭条已保存到 {path}")
