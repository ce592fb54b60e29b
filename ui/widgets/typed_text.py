"""TypedText: what stands in a field and where the caret is. No widget: keys go in, the shown text comes out.

Numbers are shown in groups as people read them, days with their words; positions are counted in characters, never in half of one.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from kiosk.screens.form import Keypad

_MOBILE = ((3, " "), (7, " "))
_CITIZEN_ID = ((6, " "), (14, " "))
_DAY = ((4, " 年 "), (6, " 月 "))
_DAY_PLACES = 8
_DAY_END = " 日"
_HIGHEST_TENS = {4: "1", 6: "3"}
"""Of month and day: a larger digit can only be the second one, and the nought before it is written by itself."""


@dataclass(slots=True)
class TypedText:
    """`value` is what the answer holds: a complete day as ISO 8601, anything else as it was typed."""

    keypad: Keypad
    max_length: int
    text: str = field(default="", repr=False)
    caret: int = 0

    @classmethod
    def of(cls, keypad: Keypad, max_length: int, value: str) -> TypedText:
        text = "".join(c for c in value if c.isascii() and c.isdigit())[:_DAY_PLACES] if keypad == "date" else value
        return cls(keypad, max_length, text, len(text))

    @property
    def value(self) -> str:
        if self.keypad == "date" and len(self.text) == _DAY_PLACES:
            return f"{self.text[:4]}-{self.text[4:6]}-{self.text[6:]}"
        return self.text

    # -- keys ------------------------------------------------------------------------------------------------------------

    def type(self, characters: str) -> bool:
        """Put in at the caret. False: there is no room, and nothing has changed."""
        if self.keypad == "date":
            return self._type_day(characters)
        if len(self.text) + len(characters) > self.max_length:
            return False
        self.text = self.text[: self.caret] + characters + self.text[self.caret :]
        self.caret += len(characters)
        return True

    def _type_day(self, digit: str) -> bool:
        tens = _HIGHEST_TENS.get(len(self.text))
        added = f"0{digit}" if tens is not None and digit > tens else digit
        if len(self.text) + len(added) > _DAY_PLACES:
            return False
        self.text += added
        self.caret = len(self.text)
        return True

    def delete(self) -> None:
        """The character before the caret; nothing at the beginning."""
        if self.caret:
            self.text = self.text[: self.caret - 1] + self.text[self.caret :]
            self.caret -= 1

    def replace(self, text: str) -> None:
        self.text, self.caret = text, len(text)

    def move(self, by: int) -> None:
        self.place(self.caret + by)

    def place(self, caret: int) -> None:
        """A day is typed from its beginning: there the caret stays behind the last digit."""
        self.caret = len(self.text) if self.keypad == "date" else max(0, min(len(self.text), caret))

    # -- what is seen ----------------------------------------------------------------------------------------------------

    def _groups(self) -> tuple[tuple[int, str], ...]:
        if self.keypad == "date":
            return _DAY
        if self.keypad == "digits" and self.max_length >= 11 and self.text.startswith("1"):
            return _MOBILE
        return _CITIZEN_ID if self.keypad == "document" and self.max_length == 18 else ()

    def _places(self) -> int:
        return _DAY_PLACES if self.keypad == "date" else len(self.text)

    @property
    def shown(self) -> str:
        """Empty where nothing was typed."""
        if not self.text:
            return ""
        groups = dict(self._groups())
        padded = self.text.ljust(self._places(), "_")
        found = "".join((groups.get(i, "") if i else "") + char for i, char in enumerate(padded))
        return found + (_DAY_END if self.keypad == "date" else "")

    def shown_at(self, caret: int) -> int:
        """Where in `shown` a caret of the text stands."""
        places = self._places()
        return caret + sum(len(gap) for at, gap in self._groups() if at < caret or (at == caret and at < places))

    def typed_at(self, shown: int) -> int:
        """The caret of the text for a place in `shown`."""
        return next((i for i in range(len(self.text), -1, -1) if self.shown_at(i) <= shown), 0)
