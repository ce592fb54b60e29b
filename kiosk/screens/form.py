"""Screens of the application form journey (C18–C21 and its photo).

Fields are told with all a page needs to ask them, so that a form of a hall's own needs no Python. A page does not judge an answer:
the journey does, and updates the page with the sentence beside the field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from kiosk.domain.forms.sheet import Sheet
from kiosk.domain.identity import Photo
from kiosk.domain.names import Part, Romanised
from kiosk.ports.devices import Frame
from kiosk.ports.photo import PhotoHint
from kiosk.screens.base import Screen

Origin = Literal["card", "machine", "citizen", "hall"]
"""读卡 · 请核对 · 您填写 · 系统."""
Keypad = Literal["digits", "letters", "hanzi", "name", "document", "date", "none"]
"""`name`: the keys of `hanzi`, and surnames and given names are offered first."""
Ask = Literal["text", "choice", "ticks", "address"]
"""`choice`: one of the options. `ticks`: a yes or no of its own. `address`: area from lists, then the rest by keypad."""


@dataclass(frozen=True, slots=True)
class SectionRow:
    id: str
    title: str
    text: str
    """已自动填好 · 缺 1 项 · 未填"""
    done: bool


@dataclass(frozen=True, slots=True)
class FormSections(Screen[str]):
    """C18. The answer is "next", "phone" (bring answers along by QR code) or a section's id."""

    title: str
    name: str
    """Masked."""
    sections: tuple[SectionRow, ...]
    done: int
    total: int
    can_bring: bool = False
    note: str = ""
    """A sentence about what was brought along or filled."""


@dataclass(frozen=True, slots=True)
class BringForm(Screen[Literal["skip"]]):
    """The citizen holds a phone with prefilled answers before the scanner. `trouble`: why the last code was not taken."""

    trouble: str = ""
    position: str = "扫码口在屏幕下方"
    arrow: Literal["left", "right", "down", "up"] = "down"


@dataclass(frozen=True, slots=True)
class Choice:
    code: str
    text: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class FieldAsked:
    key: str
    label: str
    value: str = field(repr=False)
    ask: Ask
    keypad: Keypad
    choices: tuple[Choice, ...] = ()
    open: bool = False
    """Any text is taken beside the choices: 其他."""
    example: str = ""
    max_length: int = 40
    origin: Origin | None = None
    locked: bool = False
    """What the card's chip says: shown, not edited."""
    optional: bool = False
    trouble: str = ""
    sentences: bool = False
    """Written in whole sentences, so that stops and commas are offered between the words."""


@dataclass(frozen=True, slots=True)
class FormQuestion(Screen[Mapping[str, str]]):
    """C19. One question; the answer is the text of every field that is not locked, by key (a tick: "1" or empty)."""

    id: str
    section: str
    title: str
    hint: str
    fields: tuple[FieldAsked, ...]
    changing: bool = False
    """Opened from the page of all answers: the button goes back there."""


@dataclass(frozen=True, slots=True)
class SplitName(Screen[int]):
    """C19, where surname and given name divide. The answer is the number of characters of the surname."""

    name: str = field(repr=False)
    surname_length: int
    certain: bool
    """False: the citizen must look."""


@dataclass(frozen=True, slots=True)
class PinyinAnswer:
    """`ok`: as shown. `reading`: another reading of one character. `typed`: letters by hand. The last two update the page."""

    do: Literal["ok", "reading", "typed"]
    part: Part = "surname"
    index: int = 0
    spelling: str = ""
    surname: str = field(default="", repr=False)
    given: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class SpellName(Screen[PinyinAnswer]):
    """C19, the name in letters: readings as buttons where a character has several, letters to correct, what the chip will hold."""

    surname: str = field(repr=False)
    given: str = field(repr=False)
    spelt: Romanised = field(repr=False)
    trouble: str = ""


PhotoWay = Literal["camera", "receipt", "later"]


@dataclass(frozen=True, slots=True)
class ChoosePhotoWay(Screen[PhotoWay]):
    """Where the photo comes from: taken now, tested elsewhere (相片回执), or brought to the window."""

    camera: bool = True
    """False: no camera, or no consent to it."""
    why_not: str = ""
    receipt: bool = True
    """False: this form has no place for the number of a receipt."""


@dataclass(frozen=True, slots=True)
class TakePhoto(Screen[Literal["other"]]):
    """The live picture with one hint at a time; the only answer is another way. Coordinates are pixels of the frame."""

    hint: PhotoHint = PhotoHint.NO_FACE
    progress: float = 0.0
    frame: Frame | None = field(default=None, repr=False)
    box: tuple[int, int, int, int] | None = None
    outline: tuple[float, float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class PhotoTaken(Screen[Literal["ok", "again"]]):
    """The finished photo as it will be printed, and what a person should look at. `deviations` are sentences."""

    photo: Photo = field(repr=False)
    deviations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EnterPhotoReceipt(Screen[str]):
    """The number on the receipt of a photo tested elsewhere."""

    value: str = field(default="", repr=False)
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class AnswerRow:
    label: str
    value: str = field(repr=False)
    """Empty: not answered."""
    origin: Origin | None
    question: str
    """Id of the question that changes it; empty: not to be changed here."""
    trouble: str = ""
    confirm: bool = False
    """A value the machine worked out; going on confirms it."""


@dataclass(frozen=True, slots=True)
class AnswerSection:
    title: str
    rows: tuple[AnswerRow, ...]


@dataclass(frozen=True, slots=True)
class ReviewForm(Screen[str]):
    """C20. All answers. The answer is "next", or the id of the question to change; "photo" for the photo."""

    sections: tuple[AnswerSection, ...]
    photo: Photo | None = field(default=None, repr=False)
    photo_text: str = field(default="", repr=False)
    """How the photo comes where there is none to show."""
    missing: tuple[str, ...] = ()
    """Labels of what must still be filled; "next" then goes to the first."""
    papers: int = 1
    """Forms that these answers call for."""


@dataclass(frozen=True, slots=True)
class PreviewForm(Screen[Literal["print", "change"]]):
    """C21. What will come out of the printer, painted by the same painter. `titles` name the sheets on their tabs."""

    sheets: tuple[Sheet, ...]
    titles: tuple[str, ...]
    two_sided: bool = False
    note: str = ""
