"""Theme: the tokens as one version of the screen sees them (standard, large text, high contrast, both), scaled to the panel.

Widgets read colours, fonts and sizes only through a `Theme`. It never changes: another version is another `Theme`, announced
by `ThemeSource.changed`, upon which the frame rebuilds what it shows.
"""

from __future__ import annotations

import math
import sys
from typing import Literal, NamedTuple

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor, QFont, QPalette, QPixmap
from PySide6.QtWidgets import QApplication

from ui.paint.cache import PaintCache
from ui.tokens import Tokens, load_tokens

FAMILIES = ("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC")
MONO_FAMILIES = ("Noto Sans Mono CJK SC", "Noto Sans Mono")

ThemeName = Literal["standard", "elder", "high_contrast", "elder_high_contrast"]
THEMES: tuple[ThemeName, ...] = ("standard", "elder", "high_contrast", "elder_high_contrast")


class Mode(NamedTuple):
    """What the citizen chose on the utility bar."""

    large: bool = False
    high_contrast: bool = False

    @property
    def name(self) -> ThemeName:
        if self.large:
            return "elder_high_contrast" if self.high_contrast else "elder"
        return "high_contrast" if self.high_contrast else "standard"

    @classmethod
    def named(cls, name: ThemeName) -> Mode:
        return cls(large=name.startswith("elder"), high_contrast=name.endswith("high_contrast"))


def ui_scale(tokens: Tokens, diagonal_in: float, width_px: int = 1080, height_px: int = 1920) -> float:
    """Factor that keeps physical sizes on another panel: base pitch over the panel's pitch, clamped to what layouts survive."""
    pitch = diagonal_in * 25.4 / math.hypot(width_px, height_px)
    return min(tokens.scale_max, max(tokens.scale_min, tokens.base_pitch_mm / pitch))


class KeyUse:
    """Whether the last input came from keys (or the nav pad): only then is the focus ring shown. One per window."""

    def __init__(self) -> None:
        self.by_keys = False


class Theme:
    """Colours, fonts and sizes of one mode at one scale. Immutable apart from its caches of fonts and colours."""

    def __init__(
        self,
        tokens: Tokens,
        cache: PaintCache,
        mode: Mode | None = None,
        scale: float = 1.0,
        motion: bool = True,
        keys: KeyUse | None = None,
    ) -> None:
        self.keys = keys or KeyUse()
        self.tokens = tokens
        self.cache = cache
        self.mode = mode or Mode()
        self.scale = scale
        self.motion = motion and not self.mode.large
        """False: loops stand still and pages cut. Always so in the large-text version."""
        raw = tokens.high_contrast if self.mode.high_contrast else tokens.light
        self._colors = {name: QColor(value) for name, value in raw.items()}
        self._sizes = tokens.size_large if self.mode.large else tokens.size
        self._fonts: dict[tuple[str, bool | None], QFont] = {}

    @property
    def name(self) -> ThemeName:
        return self.mode.name

    @property
    def large(self) -> bool:
        return self.mode.large

    @property
    def high_contrast(self) -> bool:
        return self.mode.high_contrast

    def color(self, role: str) -> QColor:
        """Raises KeyError for a role no token file names."""
        return self._colors[role]

    def px(self, token: float | str) -> int:
        """Pixels on this panel, for a number of pixels at scale 1.0 or a size, radius or stroke token by name
        ("touch_min", "radius.card", "stroke.outline"). Raises KeyError for an unknown token."""
        if not isinstance(token, str):
            return round(token * self.scale)
        group, _, name = token.rpartition(".")
        table = {"": self._sizes, "radius": self.tokens.radius, "stroke": self.tokens.stroke}[group]
        return max(1, round(table[name] * self.scale))

    def pick(self, standard: float, large: float) -> int:
        """Pixels for a measure that differs in the large-text version."""
        return self.px(large if self.large else standard)

    def mm(self, millimetres: float) -> int:
        return round(millimetres / self.tokens.base_pitch_mm * self.scale)

    def ms(self, token: str) -> int:
        return self.tokens.motion[token]

    def font_px(self, role: str) -> int:
        row = self.tokens.type[role]
        return round((row.large if self.large else row.standard) * self.scale)

    def line(self, role: str) -> int:
        """Distance of baselines in pixels."""
        return round(self.font_px(role) * self.tokens.type[role].line)

    def font(self, role: str, bold: bool | None = None) -> QFont:
        """The role's font; `bold` overrides its weight. Only 400 and 700 exist in the distribution's Noto Sans CJK."""
        key = (role, bold)
        found = self._fonts.get(key)
        if found is None:
            heavy = self.tokens.type[role].weight >= 600 if bold is None else bold
            found = QFont(list(FAMILIES))
            found.setPixelSize(self.font_px(role))
            found.setWeight(QFont.Weight.Bold if heavy else QFont.Weight.Normal)
            self._fonts[key] = found
        return found

    def icon(self, name: str, size: float | str, color: str) -> QPixmap:
        """A rendered icon: `size` a token or pixels at scale 1.0, `color` a role."""
        return self.cache.icon(name, self.px(size), self.color(color))

    def palette(self) -> QPalette:
        """So that Qt's own widgets (line edits, tables of the diagnostics screens) fit in."""
        out = QPalette()
        for role, token in (
            (QPalette.ColorRole.Window, "page"),
            (QPalette.ColorRole.Base, "surface"),
            (QPalette.ColorRole.AlternateBase, "well"),
            (QPalette.ColorRole.Button, "surface"),
            (QPalette.ColorRole.WindowText, "text"),
            (QPalette.ColorRole.Text, "text"),
            (QPalette.ColorRole.ButtonText, "text"),
            (QPalette.ColorRole.PlaceholderText, "placeholder"),
            (QPalette.ColorRole.Highlight, "primary"),
            (QPalette.ColorRole.HighlightedText, "on_primary"),
            (QPalette.ColorRole.Link, "link"),
        ):
            out.setColor(role, self.color(token))
        return out


class ThemeSource(QObject):
    """The theme in force. One per window; owns the caches its themes share."""

    changed = Signal()

    def __init__(
        self, scale: float = 1.0, motion: bool = True, parent: QObject | None = None, tokens: Tokens | None = None
    ) -> None:
        super().__init__(parent)
        self._tokens = tokens or load_tokens()
        self._cache = PaintCache()
        self._scale = scale
        self._motion = motion
        self._keys = KeyUse()
        self.theme = Theme(self._tokens, self._cache, Mode(), scale, motion, self._keys)

    @classmethod
    def for_panel(cls, diagonal_in: float, motion: bool = True, parent: QObject | None = None) -> ThemeSource:
        tokens = load_tokens()
        return cls(ui_scale(tokens, diagonal_in), motion, parent, tokens)

    def set_mode(self, mode: Mode) -> None:
        if mode == self.theme.mode:
            return
        self.theme = Theme(self._tokens, self._cache, mode, self._scale, self._motion, self._keys)
        self.changed.emit()


_STYLED = "fusion"
"""Property of an application that has its style: asking Qt for it, or setting it, would load all of QStyle's enumerations."""


def application() -> QApplication:
    """The application there is, or a new one in the Fusion style. Raises RuntimeError when another kind of one is running."""
    app = QApplication.instance()
    if app is None:
        app = QApplication([sys.argv[0], "-style", "fusion"])
        app.setProperty(_STYLED, True)
    if not isinstance(app, QApplication):
        raise RuntimeError("another kind of Qt application is running")
    return app


def dress(app: QApplication, theme: Theme) -> None:
    """Fusion, palette and base font for the whole application. No style sheet: citizen widgets paint themselves."""
    if not app.property(_STYLED):
        app.setStyle("Fusion")
        app.setProperty(_STYLED, True)
    app.setPalette(theme.palette())
    app.setFont(theme.font("body"))
