"""Colours keep their contrast, sizes keep their millimetres."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QFontInfo
from PySide6.QtWidgets import QApplication

from ui.theme import THEMES, Mode, Theme, ThemeSource, ui_scale
from ui.tokens import Pair, contrast, load_tokens

TOKENS = load_tokens()


@pytest.mark.parametrize("theme", ["light", "high_contrast"])
@pytest.mark.parametrize("pair", TOKENS.pairs, ids=lambda p: f"{p.text}-on-{p.ground}")
def test_declared_pair_keeps_its_contrast(theme: str, pair: Pair) -> None:
    colors = TOKENS.light if theme == "light" else TOKENS.high_contrast
    assert contrast(colors[pair.text], colors[pair.ground]) >= pair.minimum


def test_contrast_known_answers() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21.0)
    assert contrast("#1A4EB8", "#FFFFFF") == pytest.approx(7.43, abs=0.005)
    assert contrast("#7D8AA0", "#FFFFFF") == pytest.approx(3.49, abs=0.005)


@pytest.mark.parametrize(
    ("diagonal", "scale"), [(21.5, 1.0), (18.5, 1.0), (23.8, 0.903), (27.0, 0.80), (32.0, 0.80), (15.6, 1.0)]
)
def test_scale_keeps_physical_size_within_its_clamp(diagonal: float, scale: float) -> None:
    assert ui_scale(TOKENS, diagonal) == pytest.approx(scale, abs=0.005)


@pytest.mark.parametrize("name", THEMES)
def test_type_never_falls_under_the_floor(name: str, qapp: QApplication) -> None:
    source = ThemeSource()
    source.set_mode(Mode.named(name))  # type: ignore[arg-type]
    floor = TOKENS.floor["large" if source.theme.large else "standard"]
    assert all(source.theme.font_px(role) >= floor for role in TOKENS.type if not role.startswith("tech"))


def test_type_of_diagnostics_has_its_own_floor_and_one_size(qapp: QApplication) -> None:
    rows = {role: row for role, row in TOKENS.type.items() if role.startswith("tech")}
    assert min(row.standard for row in rows.values()) == TOKENS.floor["tech"]
    assert all(row.standard == row.large for row in rows.values())


def test_large_targets_are_112_px(qapp: QApplication) -> None:
    source = ThemeSource()
    assert source.theme.px("touch_min") == 84
    source.set_mode(Mode(large=True))
    assert all(source.theme.px(token) >= 112 for token in ("touch_min", "button_h", "row_h", "key_h", "pager_h"))
    assert source.theme.motion is False


def test_font_is_the_one_the_sizes_were_made_for(qapp: QApplication) -> None:
    theme: Theme = ThemeSource().theme
    assert QFontInfo(theme.font("body")).family().startswith("Noto Sans")
    assert theme.font("body").pixelSize() == 32


def test_unknown_token_is_an_error(qapp: QApplication) -> None:
    theme = ThemeSource().theme
    with pytest.raises(KeyError):
        theme.color("no_such_role")
    with pytest.raises(KeyError):
        theme.px("no_such_size")
