"""The bench's style sheet, made from the kiosk's colour roles. Widgets are told apart by the properties `look` sets."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from ui.theme import FAMILIES, MONO_FAMILIES, Theme

CONTROL_H = 34
"""Pixels: height of buttons, fields and choices."""


def style_sheet(theme: Theme) -> str:
    """For the bench window and all below it."""

    def c(role: str) -> str:
        return theme.color(role).name()

    families = ", ".join(f'"{family}"' for family in FAMILIES)
    mono = ", ".join(f'"{family}"' for family in (*MONO_FAMILIES, *FAMILIES))
    arrow = Path(str(files("ui") / "icons" / "chevron-down.svg")).as_posix()
    tones = "".join(
        f'QLabel[tone="{tone}"] {{ background: {c(ground)}; color: {c(text)}; }}'
        for tone, ground, text in (
            ("plain", "well", "muted"),
            ("ok", "ok_tint", "ok_text"),
            ("warn", "warn_tint", "warn_text"),
            ("bad", "bad_tint", "bad_text"),
            ("info", "info_tint", "info_text"),
        )
    )
    return f"""
    * {{ font-family: {families}; font-size: 15px; color: {c("text")}; }}
    QToolTip {{ font-size: 14px; color: {c("text")}; background: {c("surface")}; border: 1px solid {c("outline")}; }}
    #bench, #bench\\.column, QDialog {{ background: {c("page")}; }}
    QScrollArea {{ border: none; background: transparent; }}
    QFrame[card="true"] {{ background: {c("surface")}; border: 1px solid {c("divider")}; border-radius: 12px; }}
    QLabel[role="title"] {{ font-size: 17px; font-weight: 700; }}
    QLabel[role="strong"] {{ font-size: 18px; font-weight: 700; }}
    QLabel[role="amount"] {{ font-size: 30px; font-weight: 700; color: {c("amount")}; }}
    QLabel[role="muted"] {{ color: {c("muted")}; font-size: 14px; }}
    QLabel[role="mono"] {{ color: {c("muted")}; font-family: {mono}; font-size: 13px; }}
    QLabel[pill="true"] {{ border-radius: 12px; padding: 0 10px; font-size: 14px; }}
    {tones}
    QPushButton {{ background: {c("surface")}; border: 1px solid {c("outline")}; border-radius: 8px; padding: 0 12px;
        min-height: {CONTROL_H - 2}px; }}
    QPushButton:hover {{ background: {c("pressed")}; border-color: {c("primary")}; }}
    QPushButton:pressed {{ background: {c("chip")}; }}
    QPushButton:focus {{ border: 2px solid {c("primary")}; padding: 0 11px; min-height: {CONTROL_H - 4}px; }}
    QPushButton:checked {{ background: {c("bad_tint")}; border-color: {c("bad")}; color: {c("bad_text")};
        font-weight: 700; }}
    QPushButton:disabled {{ background: {c("disabled")}; border-color: {c("divider")}; color: {c("placeholder")}; }}
    QPushButton[kind="primary"] {{ background: {c("primary")}; border-color: {c("primary")}; color: {c("on_primary")};
        font-weight: 700; }}
    QPushButton[kind="primary"]:hover {{ background: {c("primary_pressed")}; }}
    QPushButton[kind="primary"]:focus {{ border-color: {c("focus_inner")}; }}
    QPushButton[kind="primary"]:disabled {{ background: {c("disabled")}; border-color: {c("divider")};
        color: {c("placeholder")}; }}
    QPushButton[kind="danger"] {{ border-color: {c("bad")}; color: {c("bad_text")}; }}
    QPushButton[kind="danger"]:hover {{ background: {c("bad_tint")}; }}
    QPushButton[kind="danger"]:disabled {{ border-color: {c("divider")}; color: {c("placeholder")}; }}
    QPushButton[kind="quiet"] {{ border-color: transparent; background: transparent; color: {c("link")}; }}
    QPushButton[kind="quiet"]:hover {{ background: {c("pressed")}; }}
    QFrame[segments="true"] {{ background: {c("well")}; border: none; border-radius: 8px; }}
    QPushButton[segment="true"] {{ border: 1px solid transparent; background: transparent; border-radius: 6px;
        padding: 0 10px; margin: 2px; min-height: {CONTROL_H - 6}px; color: {c("muted")}; }}
    QPushButton[segment="true"]:hover {{ background: {c("pressed")}; }}
    QPushButton[segment="true"]:checked {{ background: {c("surface")}; border-color: {c("primary")};
        color: {c("primary")}; font-weight: 700; }}
    QPushButton[segment="true"]:focus {{ border: 1px solid {c("primary")}; padding: 0 10px;
        min-height: {CONTROL_H - 6}px; }}
    QPushButton[segment="true"]:disabled {{ color: {c("placeholder")}; }}
    QTreeWidget {{ background: {c("surface")}; border: 1px solid {c("divider")}; border-radius: 8px; outline: none; }}
    QTreeWidget:focus {{ border-color: {c("primary")}; }}
    QTreeWidget::item {{ min-height: 30px; padding: 0 4px; }}
    QTreeWidget::item:hover {{ background: {c("tint")}; color: {c("text")}; }}
    QTreeWidget::item:selected {{ background: {c("chip")}; color: {c("on_chip")}; }}
    QLineEdit {{ background: {c("surface")}; border: 1px solid {c("outline")}; border-radius: 8px; padding: 0 10px;
        min-height: {CONTROL_H - 2}px; }}
    QLineEdit:focus {{ border-color: {c("primary")}; }}
    QComboBox, QSpinBox {{ background: {c("surface")}; border: 1px solid {c("outline")}; border-radius: 8px;
        padding: 0 10px; min-height: {CONTROL_H - 2}px; }}
    QComboBox:hover, QSpinBox:hover, QComboBox:focus, QSpinBox:focus {{ border-color: {c("primary")}; }}
    QComboBox:disabled, QSpinBox:disabled {{ background: {c("disabled")}; border-color: {c("divider")};
        color: {c("placeholder")}; }}
    QSpinBox::up-button, QSpinBox::down-button {{ width: 0; height: 0; border: none; }}
    QComboBox::drop-down {{ border: none; width: 26px; }}
    QComboBox::down-arrow {{ image: url({arrow}); width: 16px; height: 16px; }}
    QComboBox QAbstractItemView {{ background: {c("surface")}; border: 1px solid {c("outline")}; outline: none;
        selection-background-color: {c("chip")}; selection-color: {c("on_chip")}; }}
    QComboBox QAbstractItemView::item {{ min-height: 30px; padding: 0 6px; }}
    QScrollBar:vertical {{ background: transparent; width: 12px; margin: 2px; }}
    QScrollBar::handle:vertical {{ background: {c("outline")}; border-radius: 4px; min-height: 32px; }}
    QScrollBar::handle:vertical:hover {{ background: {c("muted")}; }}
    QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {{
        background: transparent; border: none; width: 0; height: 0; }}
    """
