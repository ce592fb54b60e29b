"""Entry: what the citizen has done about one field of a question. No widget; the page shows it and answers with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from kiosk.domain.identity import mask_number
from kiosk.domain.input_method import MARKS
from kiosk.screens.form import Choice, FieldAsked, Keypad, Origin
from ui.widgets.field_box import FieldLook
from ui.widgets.typed_text import TypedText

OTHER = "*"
"""Code of the card that leads to the keypad: no form has an option of this code."""
Tool = Literal["none", "choices", "areas", "hanzi", "digits", "letters", "document", "date"]
"""What stands at the foot of the page while a field is filled."""


class Kept(NamedTuple):
    """An entry across a change of theme."""

    text: str
    caret: int
    listed: bool
    seen: bool


@dataclass(slots=True)
class Entry:
    asked: FieldAsked = field(repr=False)
    typed: TypedText = field(repr=False)
    listed: bool = False
    """Answered from a list now: choices, or provinces, cities, counties."""
    trouble: str = ""
    seen: bool = False
    """Was active once."""
    typing: str = field(default="", repr=False)
    sent: str | None = field(default=None, repr=False)
    """What the page answered last."""

    @classmethod
    def of(cls, asked: FieldAsked) -> Entry:
        entry = cls(asked, TypedText.of(cls._keypad(asked), asked.max_length, asked.value), trouble=asked.trouble)
        if asked.ask == "choice":
            by_text = {choice.text: choice.code for choice in asked.choices}
            if asked.value in by_text and not entry._chosen():
                entry.typed.replace(by_text[asked.value])
            entry.listed = not (asked.open and asked.value and not entry._chosen())
        elif asked.ask == "address":
            entry.listed = not asked.value
        return entry

    @staticmethod
    def _keypad(asked: FieldAsked) -> Keypad:
        return "hanzi" if asked.keypad == "none" else asked.keypad

    @property
    def key(self) -> str:
        return self.asked.key

    @property
    def value(self) -> str:
        return self.typed.value

    @property
    def fillable(self) -> bool:
        """Can be active: the others are shown, or ticked where they stand."""
        return not self.asked.locked and self.asked.ask != "ticks"

    @property
    def missing(self) -> bool:
        return self.fillable and not self.asked.optional and not self.value

    @property
    def waits(self) -> bool:
        """The citizen has not come to it yet."""
        return self.fillable and not self.seen and (self.missing or bool(self.trouble))

    @property
    def tool(self) -> Tool:
        if not self.fillable:
            return "none"
        if self.listed:
            return "choices" if self.asked.ask == "choice" else "areas"
        keypad = self._keypad(self.asked)
        return "hanzi" if keypad == "none" or keypad == "name" else keypad

    @property
    def before(self) -> str | None:
        """In a field for a person's name, what stands in front of the caret; None in any other."""
        return self.typed.text[: self.typed.caret] if self.asked.keypad == "name" else None

    @property
    def marks(self) -> str:
        """What may divide or end a sentence at the caret; empty in front of the first word and behind another mark."""
        before = self.typed.text[: self.typed.caret]
        return MARKS if self.asked.sentences and before and before[-1] not in MARKS else ""

    @property
    def changed(self) -> bool:
        return self.typed.value != Entry.of(self.asked).typed.value

    @property
    def origin(self) -> Origin | None:
        return "citizen" if self.changed else self.asked.origin

    def choices(self) -> Sequence[Choice]:
        if not self.asked.open:
            return self.asked.choices
        return (*self.asked.choices, Choice(OTHER, "其他"))

    def _chosen(self) -> Choice | None:
        return next((choice for choice in self.asked.choices if choice.code == self.typed.text), None)

    def look(self, active: bool) -> FieldLook:
        chosen = self._chosen() if self.asked.ask == "choice" else None
        shown = chosen.text if chosen else self.typed.shown
        if self.asked.locked and self.asked.keypad == "document":
            shown = mask_number(self.value)  # the card's number is not for those who stand behind
        keys = active and self.tool not in ("choices", "areas")
        empty = "点这里填写"
        if active:
            empty = {"choices": "请选一个", "areas": "请先选，再填门牌"}.get(self.tool, "用键盘填写")
            if self.asked.example:
                empty = f"例如 {self.asked.example}"
        elif self.asked.locked:
            empty = "没有"
        return FieldLook(
            shown,
            self.typed.shown_at(self.typed.caret) if keys else -1,
            self.typing if keys else "",
            self.origin,
            self.trouble,
            active,
            self.asked.locked,
            empty,
        )

    # -- newer data ------------------------------------------------------------------------------------------------------

    def follow(self, asked: FieldAsked) -> None:
        """The journey's newer data. What was typed since the page answered stays typed."""
        untouched = self.value in (self.sent, Entry.of(self.asked).value)
        taken = Entry.of(asked)
        if untouched and asked.value != self.asked.value:
            self.typed, self.listed = taken.typed, taken.listed
        self.asked, self.trouble = asked, asked.trouble
        self.seen = self.seen and not asked.trouble  # to be looked at again

    def kept(self) -> Kept:
        return Kept(self.typed.text, self.typed.caret, self.listed, self.seen)

    def restore(self, kept: Kept) -> None:
        self.typed.replace(kept.text)
        self.typed.place(kept.caret)
        self.listed, self.seen = kept.listed, kept.seen
