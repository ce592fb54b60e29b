"""FormDocks: what stands at the foot of a question while one of its fields is filled. Built when first needed, all heard in one place."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QVBoxLayout

from ui.theme import Theme
from ui.widgets.area_picker import AreaPicker
from ui.widgets.choice_list import ChoiceList
from ui.widgets.form_entry import Entry
from ui.widgets.form_pads import DigitsPad, KeysPad, make_pad
from ui.widgets.pinyin_pad import PinyinPad

Dock = PinyinPad | DigitsPad | KeysPad | ChoiceList | AreaPicker
_WHOLE = 10**6


class FormDocks(QObject):
    """Of keypads `typed`, `deleted`, `cleared`, `moved`, `composing`; of lists `picked` (a code), `area` (a full name), `keys_asked` and
    `turned`."""

    typed = Signal(str)
    deleted = Signal()
    cleared = Signal()
    moved = Signal(int)
    composing = Signal(str)
    picked = Signal(str)
    area = Signal(str)
    keys_asked = Signal()
    turned = Signal()

    def __init__(self, theme: Theme, column: QVBoxLayout, parent: QObject) -> None:
        super().__init__(parent)
        self._theme, self._column = theme, column
        self._built: dict[str, Dock] = {}
        self.shown: Dock | None = None

    def show_for(self, entry: Entry | None) -> None:
        """What `entry` is filled with takes the place of what was there."""
        before, self.shown = self.shown, self._of(entry)
        if before is not None and before is not self.shown:
            before.hide()
        if isinstance(self.shown, PinyinPad) and entry is not None:
            self.shown.reset(lambda: entry.before, lambda: entry.marks)
        elif isinstance(self.shown, ChoiceList) and entry is not None:
            self.shown.show_choices(entry.choices(), entry.value)
        if self.shown is not None:
            self.shown.show()

    def suits(self, entry: Entry) -> bool:
        return self._name(entry) in self._built and self._built[self._name(entry)] is self.shown

    def heights(self, width: int) -> tuple[int, int]:
        """(usual, least) pixels of what is shown; a list takes all there is."""
        shown = self.shown
        if isinstance(shown, (PinyinPad, DigitsPad, KeysPad)):
            return shown.usual, shown.least
        if isinstance(shown, ChoiceList):
            return _WHOLE, min(shown.height_of(width), self._theme.px(560))
        return _WHOLE, self._theme.px(560) if shown is not None else 0

    def drop(self) -> None:
        for dock in self._built.values():
            if isinstance(dock, PinyinPad):
                dock.reset()
            elif isinstance(dock, (AreaPicker, ChoiceList)):
                dock.clear()
            dock.hide()
            dock.setParent(None)
            dock.deleteLater()
        self._built, self.shown = {}, None

    @staticmethod
    def _name(entry: Entry) -> str:
        tool = entry.tool
        return f"{tool}.{entry.key}" if tool in ("choices", "areas") else tool

    def _of(self, entry: Entry | None) -> Dock | None:
        if entry is None or entry.tool == "none":
            return None
        name = self._name(entry)
        if name not in self._built:
            self._built[name] = self._build(entry, f"form.{name}")
            self._column.addWidget(self._built[name])
        return self._built[name]

    def _build(self, entry: Entry, name: str) -> Dock:
        theme = self._theme
        if entry.tool == "choices":
            choices = ChoiceList(theme, name, entry.asked.label)
            choices.chosen.connect(self.picked)
            choices.turned.connect(self.turned)
            return choices
        if entry.tool == "areas":
            picker = AreaPicker(theme, name)
            picker.chosen.connect(self.area)
            for signal in (picker.done, picker.keys_asked):
                signal.connect(self.keys_asked)
            picker.turned.connect(self.turned)
            return picker
        pad = PinyinPad(theme, name) if entry.tool == "hanzi" else make_pad(theme, entry.typed.keypad, name)
        if isinstance(pad, PinyinPad):
            pad.moved.connect(self.moved)
            pad.composing.connect(self.composing)
        pad.typed.connect(self.typed)
        pad.deleted.connect(self.deleted)
        pad.cleared.connect(self.cleared)
        return pad
