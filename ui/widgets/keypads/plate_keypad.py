"""PlateKeypad: which keys a place of a number plate takes (GA 36): provinces first, then letters, then letters and digits.

The letters I and O are on no key, because no serial holds them. What a place does not take is greyed and keeps its place.
"""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from kiosk.domain.plate import PROVINCES
from ui.theme import Theme
from ui.widgets.base import Painted
from ui.widgets.keypads.alnum_pad import DELETE, Cap, KeyTray, caps, delete_cap, free, tray_height

PLACES = 8
"""Seven, and the eighth of a new-energy plate."""
DIGITS = "0123456789"
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
SUFFIXES = "学警港澳挂领试"
"""What may stand in the seventh place instead of a letter or digit."""
ENERGY = "ABCDEFGHJK"
"""Energy letters: third place of a small car, eighth of a large one."""
EMBASSY = "使"
"""Stands instead of a province on an embassy's plate; six digits follow."""
PROVINCE = "province"


def allowed_at(place: int, first: str = "") -> str:
    """The characters that may stand at a place, counted from 0, behind what stands at the first."""
    if place == 0:
        return PROVINCES + EMBASSY
    if first == EMBASSY:
        return DIGITS if place < PLACES - 1 else ""
    if place == 1:
        return LETTERS
    if place == 6:
        return DIGITS + LETTERS + SUFFIXES
    return DIGITS + (ENERGY if place == 7 else LETTERS)


def province_rows(site: str, columns: int = 8) -> list[list[Cap]]:
    """All 31, the site's own first and twice as wide; at the end what embassies have."""
    first = site[:1] if site[:1] in PROVINCES else PROVINCES[0]
    keys = [Cap(first, first, 2, large=True), *caps(PROVINCES.replace(first, "")), Cap(EMBASSY, EMBASSY, 1, "使馆")]
    rows: list[list[Cap]] = [[]]
    used = 0.0
    for key in keys:
        if used + key.span > columns:
            rows.append([])
            used = 0.0
        rows[-1].append(key)
        used += key.span
    return rows


def letter_rows(large: bool, wide: bool = False) -> list[list[Cap]]:
    """In landscape three rows: digits beside the letters, and what only the seventh place takes below them."""
    if wide and large:
        rows = [caps("1234567890" + SUFFIXES[:1]), caps("ABCDEFGHJKLMNPQ"), caps("RSTUVWXYZ" + SUFFIXES[1:])]
        rows[0] += [Cap(PROVINCE, "换省份", 2), delete_cap(2)]
        return rows
    if wide:
        rows = [[*caps("QWERTYUP"), free(1), *caps("12345"), delete_cap(2)]]
        rows.append([*caps("ASDFGHJKL67890"), Cap(PROVINCE, "省份", 2, "换省份")])
        rows.append([*caps("ZXCVBNM"), free(2), *caps(SUFFIXES)])
        return rows
    if large:
        rows = [caps(part) for part in ("12345678", "90ABCDEF", "GHJKLMNP", "QRSTUVWX", "YZ" + SUFFIXES[:6])]
        rows.append([*caps(SUFFIXES[6:]), delete_cap(3), Cap(PROVINCE, "换省份", 4)])
        return rows
    rows = [caps(part) for part in ("1234567890", "QWERTYUP", "ASDFGHJKL", "ZXCVBNM")]
    rows[-1] += [delete_cap(1.5), Cap(PROVINCE, "省份", 1.5, "换省份")]
    rows.append([Cap(char, char, 1.4) for char in SUFFIXES])
    return rows


class PlateKeypad(Painted):
    """Emits `typed(char)`, `deleted`, and `province_asked` for the key that goes back to the first place."""

    typed = Signal(str)
    deleted = Signal()
    province_asked = Signal()

    def __init__(self, theme: Theme, site: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, "plate.pad", "车牌键盘", parent)
        self._site = site
        self._wide = False
        self._measure()
        self._provinces: KeyTray | None = None
        self._letters: KeyTray | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.setFixedHeight(self.usual)

    def _measure(self) -> None:
        theme = self.theme
        rows = 3 if self._wide else 6 if theme.large else 5
        self.usual = tray_height(theme, rows, 112 if theme.large else 124)
        self.least = tray_height(theme, rows, 112 if self._wide and theme.large else 84)

    def set_wide(self, wide: bool) -> None:
        """As wide as a window in landscape, and lower."""
        if wide == self._wide:
            return
        self._wide = wide
        self._measure()
        for tray, rows, columns in (
            (self._provinces, self._province_rows(), self._columns(True)),
            (self._letters, letter_rows(self.theme.large, wide), self._columns(False)),
        ):
            if tray is not None:
                tray.set_rows(rows, columns)
                tray.setMaximumHeight(self.usual)
        self.setFixedHeight(self.usual)

    def _columns(self, provinces: bool) -> int:
        if self._wide:
            return 11 if provinces else 15 if self.theme.large else 16
        return 8 if provinces or self.theme.large else 10

    def _province_rows(self) -> list[list[Cap]]:
        return province_rows(self._site, self._columns(True))

    def set_place(self, place: int, first: str = "") -> None:
        """Show the keys of a place, counted from 0, behind what stands at the first. A set of keys is built when it is first needed."""
        if place == 0:
            if self._provinces is None:
                self._provinces = self._tray("plate.provinces", "选择省份", self._province_rows(), self._columns(True))
            tray, other = self._provinces, self._letters
        else:
            if self._letters is None:
                rows = letter_rows(self.theme.large, self._wide)
                self._letters = self._tray("plate.letters", "字母数字", rows, self._columns(False))
            tray, other = self._letters, self._provinces
            tray.enable(allowed_at(place, first), (DELETE, PROVINCE))
        if other is not None:
            other.hide()
        tray.show()

    def _tray(self, name: str, spoken: str, rows: list[list[Cap]], columns: int) -> KeyTray:
        tray = KeyTray(self.theme, name, spoken, "plate.key", rows, columns, self.height(), self)
        tray.pressed.connect(self._press)
        tray.setMinimumHeight(0)
        tray.setMaximumHeight(self.usual)
        tray.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        tray.resize(self.width(), self.height())
        self._column.addWidget(tray)
        return tray

    def _press(self, act: str) -> None:
        if act == DELETE:
            self.deleted.emit()
        elif act == PROVINCE:
            self.province_asked.emit()
        else:
            self.typed.emit(act)

    def paint(self, p: object) -> None:
        return
