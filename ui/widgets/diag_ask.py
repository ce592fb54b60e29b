"""What the diagnostics ask in between: are you sure, which of these, and why."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QWidget

from ui.theme import Theme
from ui.widgets.diag_base import TechButton, TechKind
from ui.widgets.diag_keys import EntryField, TextPad
from ui.widgets.overlay import Overlay
from ui.widgets.text import TextBlock

_LONGEST = 60
"""Characters of a reason or a search."""


class AskOverlay(Overlay):
    """Title, a sentence, what the kind of question needs, and two buttons. The scrim closes it."""

    confirmed = Signal(str)
    closed = Signal()

    def __init__(self, theme: Theme, name: str, title: str, text: str, parent: QWidget, width: int = 900) -> None:
        super().__init__(theme, name, title, parent, personal=False, width=width)
        column = self.card.column
        inset = theme.px(40)
        column.setContentsMargins(inset, inset, inset, inset)
        column.addWidget(TextBlock(theme, f"{name}.title", title, "tech_head"))
        if text:
            column.addWidget(TextBlock(theme, f"{name}.text", text, "tech_body", "muted"))
        self.outside.connect(self.closed)

    def add_buttons(self, caption: str, kind: TechKind = "primary") -> TechButton:
        theme, name = self.theme, self.objectName()
        row = QHBoxLayout()
        row.setSpacing(theme.px("gap"))
        back = _wide(TechButton(theme, f"{name}.back", "返回"))
        yes = _wide(TechButton(theme, f"{name}.yes", caption, kind))
        row.addWidget(back)
        row.addWidget(yes)
        self.card.column.addLayout(row)
        back.tapped.connect(self.closed)
        return yes


def _wide(button: TechButton) -> TechButton:
    button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    return button


class ConfirmOverlay(AskOverlay):
    """`confirmed("")` for yes."""

    def __init__(self, theme: Theme, name: str, title: str, text: str, caption: str, parent: QWidget) -> None:
        super().__init__(theme, name, title, text, parent)
        self.add_buttons(caption, "danger").tapped.connect(lambda: self.confirmed.emit(""))


class ChooseOverlay(AskOverlay):
    """One of several; `confirmed(key)` at a touch."""

    def __init__(
        self,
        theme: Theme,
        name: str,
        title: str,
        choices: Sequence[tuple[str, str]],
        chosen: str | None,
        parent: QWidget,
        text: str = "",
    ) -> None:
        super().__init__(theme, name, title, text, parent, 980)
        widest = max((TechButton(theme, "", caption).sizeHint().width() for _, caption in choices), default=0)
        columns = 1 if widest > theme.px(430) else 2 if len(choices) <= 16 or widest > theme.px(280) else 3
        grid = QGridLayout()
        grid.setSpacing(theme.px("gap_min"))
        for i, (key, caption) in enumerate(choices):
            button = _wide(TechButton(theme, f"{name}.{key or 'all'}", caption, "choice"))
            button.choose(key == chosen)
            button.tapped.connect(lambda key=key: self.confirmed.emit(key))
            grid.addWidget(button, i // columns, i % columns)
        self.card.column.addLayout(grid)
        back = _wide(TechButton(theme, f"{name}.back", "返回"))
        back.tapped.connect(self.closed)
        self.card.column.addWidget(back)


class TypeOverlay(AskOverlay):
    """Something typed; `confirmed(text)`. `ready` texts can be put in with one touch. `least` characters are needed."""

    def __init__(
        self,
        theme: Theme,
        name: str,
        title: str,
        text: str,
        caption: str,
        parent: QWidget,
        *,
        value: str = "",
        ready: Sequence[str] = (),
        least: int = 0,
    ) -> None:
        super().__init__(theme, name, title, text, parent, 984)
        self._typed, self._least = value, least
        if ready:
            row = QHBoxLayout()
            row.setSpacing(theme.px("gap_min"))
            for i, words in enumerate(ready):
                button = _wide(TechButton(theme, f"{name}.ready.{i}", words, "choice"))
                button.tapped.connect(lambda words=words: self._set(words))
                row.addWidget(button)
            self.card.column.addLayout(row)
        self._field = EntryField(theme, f"{name}.field", "已输入", secret=False)
        self._field.setFixedHeight(theme.px(124))
        self.card.column.addWidget(self._field)
        pad = TextPad(theme, f"{name}.key")
        pad.pressed.connect(lambda key: self._set(self._typed + key))
        pad.deleted.connect(lambda: self._set(self._typed[:-1]))
        pad.cleared.connect(lambda: self._set(""))
        self.card.column.addWidget(pad)
        self._yes = self.add_buttons(caption)
        self._yes.tapped.connect(lambda: self.confirmed.emit(self._typed.strip()))
        self._set(value)

    def _set(self, text: str) -> None:
        self._typed = text[:_LONGEST]
        self._field.show_text(self._typed, current=True)
        self._yes.setEnabled(len(self._typed.strip()) >= self._least)
