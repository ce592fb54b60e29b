"""AreaPicker: province, city, county from the lists of GB/T 2260, so that nobody types what is listed."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from config.area_tables import Area, AreaTables
from kiosk.screens.form import Choice
from ui.errand import Errand
from ui.theme import Theme
from ui.widgets.base import Painted
from ui.widgets.buttons import BigButton
from ui.widgets.choice_list import ChoiceList
from ui.widgets.lookups import areas


class _Prompt(Painted):
    def __init__(self, theme: Theme, name: str, parent: QWidget) -> None:
        super().__init__(theme, name, "请选省份", parent)
        self.text = "请选省份"
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def say(self, text: str) -> None:
        self.text = text
        self.setAccessibleName(text)
        self.update()

    def paint(self, p: QPainter) -> None:
        self.line_text(p, QRectF(self.rect()), self.text, ("h3", "label", "small"), "text", bold=True)


class AreaPicker(Painted):
    """Emits `chosen(full name)` after every step, `done` when no list goes further down, and `keys_asked` for what is not listed."""

    chosen = Signal(str)
    done = Signal()
    keys_asked = Signal()
    turned = Signal()

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, name, "选省市县", parent)
        self._tables: AreaTables | None = None
        self._path: list[Area] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(20))
        head = QHBoxLayout()
        head.setContentsMargins(theme.px("margin"), 0, theme.px("margin"), 0)
        head.setSpacing(theme.px("gap_min"))
        self._prompt = _Prompt(theme, f"{name}.prompt", self)
        head.addWidget(self._prompt, 1)
        self._up = BigButton(theme, f"{name}.up", "上一级", "secondary", "chevron-left", height="row_h", parent=self)
        self._keys = BigButton(theme, f"{name}.keys", "用键盘填", "secondary", height="row_h", parent=self)
        for button in (self._up, self._keys):
            button.setFixedWidth(theme.pick(240, 300))
            head.addWidget(button)
        self._up.tapped.connect(self._back)
        self._keys.tapped.connect(self.keys_asked)
        column.addLayout(head)
        self.list = ChoiceList(theme, f"{name}.list", "地名", self)
        self.list.chosen.connect(self._pick)
        self.list.turned.connect(self.turned)
        column.addWidget(self.list, 1)
        self._up.hide()
        self._errand = Errand(areas, self._arrived)

    def start(self) -> None:
        """From the provinces."""
        self._path = []
        self._show()

    def _arrived(self, tables: AreaTables) -> None:
        self._tables = tables
        self._show()

    def _show(self) -> None:
        tables, depth = self._tables, len(self._path)
        if tables is None:
            return
        found = tables.below(self._path[-1].code) if self._path else tables.provinces()
        if not found:
            self.done.emit()
            return
        names = [tables.short_name(area.code) if depth == 0 else area.name for area in found]
        self._prompt.say("请选省份" if depth == 0 else "请选市" if len(found[0].code) == 4 else "请选区县")
        self._up.setVisible(depth > 0)
        self.list.same_for_all = depth == 0
        self.list.show_choices([Choice(area.code, name) for area, name in zip(found, names, strict=True)])
        self.turned.emit()

    def _pick(self, code: str) -> None:
        if self._tables is not None:
            self._path.append(self._tables.areas[code])
            self.chosen.emit(self._path[-1].full_name)
            self._show()

    def _back(self) -> None:
        self._path = self._path[:-1]
        self.chosen.emit(self._path[-1].full_name if self._path else "")
        self._show()

    def clear(self) -> None:
        self._errand.abandon()
        self._path = []
        self.list.clear()

    def paint(self, p: QPainter) -> None:
        return
