"""What pages have in common on which one number is typed and looked at when the citizen goes on."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar, TypeVar

from kiosk.screens.endorsement import EnterPhone
from kiosk.screens.fine import EnterDecisionNumber
from kiosk.screens.form import EnterPhotoReceipt
from kiosk.screens.vehicle import EnterOwnerCode
from ui.pages.base import PageWidget
from ui.widgets.digits_field import DigitsField
from ui.widgets.keypads.alnum_pad import CLEAR, DELETE
from ui.widgets.keypads.number_pad import NumberPad
from ui.widgets.text import Banner

S = TypeVar("S", EnterPhone, EnterPhotoReceipt, EnterDecisionNumber, EnterOwnerCode)


class TypedNumberPage(PageWidget[S]):
    """Keeps what was typed, at most `places` characters; nothing is judged before Next. The field and the note are the page's own."""

    places: int
    note: str
    """Said below the field while nothing is wrong."""

    _typed = ""
    _note: Banner

    @staticmethod
    def tidy(text: str) -> str:
        """What of the journey's text can stand in the field: digits, unless a page takes more."""
        return "".join(char for char in text if char.isascii() and char.isdigit())

    @abstractmethod
    def show_typed(self, typed: str, alarm: bool) -> None: ...

    def begin(self) -> None:
        """At the end of `build`."""
        self._typed = self.tidy(self.data.value)[: self.places]
        self._say(self.data.trouble)

    def _press(self, act: str) -> None:
        if act == DELETE:
            self._set(self._typed[:-1])
        elif act == CLEAR:
            self._set("")
        elif len(self._typed) < self.places:
            self._set(self._typed + act)

    def _set(self, typed: str) -> None:
        self._typed = typed
        self._say("")
        self.chrome_changed.emit()

    def _say(self, trouble: str) -> None:
        self.show_typed(self._typed, bool(trouble))
        self._note.set_message("bad" if trouble else "info", trouble or self.note)

    def refresh(self, screen: S, before: S) -> None:
        if screen.value and screen.value != before.value:
            self._set(self.tidy(screen.value)[: self.places])
        self._say(screen.trouble)

    def keep(self) -> object:
        return self._typed

    def restore(self, kept: str) -> None:
        self._set(kept)

    def clear(self) -> None:
        self._typed = ""
        self.show_typed("", False)
        super().clear()


class DigitsPage(TypedNumberPage[S]):
    """Field, note and number keys, and nothing else. Subclass with `prefix` (of the object names) and `field`."""

    prefix: ClassVar[str]
    field: ClassVar[type[DigitsField]]

    def build(self) -> None:
        theme, prefix = self.theme, self.prefix
        sides = self.side_by_side()
        self._field = self.field(theme, f"{prefix}.field")
        sides.aside.addWidget(self._field)
        self._note = Banner(theme, f"{prefix}.note", "info", self.note)
        sides.aside.addWidget(self._note)
        sides.main.addStretch(1)
        self._pad = NumberPad(theme, f"{prefix}.pad")
        self._pad.typed.connect(self._press)
        self._pad.deleted.connect(lambda: self._press(DELETE))
        self._pad.cleared.connect(lambda: self._press(CLEAR))
        sides.main.addWidget(self._pad)
        sides.main.addStretch(1)
        self.begin()

    def show_typed(self, typed: str, alarm: bool) -> None:
        self._field.show_digits(typed, alarm)
