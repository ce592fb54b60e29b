"""Every page as a picture: `python -m ui.gallery --shots DIR [--theme all] [--only NAME]`.

Runs offscreen, with a fixed clock and without motion, so that two runs give the same bits on the same fonts.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QSize
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QApplication

from kiosk.ports.clock import SHANGHAI
from ui.frame import KioskFrame
from ui.pages import page_class
from ui.pages.base import Allowed
from ui.samples import Sample, all_samples
from ui.theme import THEMES, Mode, ThemeName, ThemeSource, dress
from ui.widgets.bars import Brand

BRAND = Brand("宁波公安自助服务（演示）", "海曙服务大厅", "3 号机", simulated=True, help_phone="0574-00000000")
PORTRAIT = QSize(1080, 1920)


class FixedClock:
    """Noon stands still."""

    def now(self) -> dt.datetime:
        return dt.datetime(2026, 3, 18, 14, 32, tzinfo=SHANGHAI)


class Stage:
    """A frame in one theme, on which samples are shown one after the other."""

    def __init__(self, theme: ThemeName = "standard", size: QSize = PORTRAIT, scale: float = 1.0) -> None:
        self.themes = ThemeSource(scale, motion=False)
        self.themes.set_mode(Mode.named(theme))
        app = QApplication.instance()
        if isinstance(app, QApplication):
            dress(app, self.themes.theme)
        self.frame = KioskFrame(self.themes, FixedClock(), BRAND, guard_page_ms=0)
        self.frame.set_closable(True)
        self.frame.resize(size)
        self.frame.show()

    def show(self, sample: Sample) -> QPixmap:
        """Show a sample, settle the layout, return the picture."""
        allowed = Allowed(sample.back, sample.cancel)
        self.frame.close_overlays()
        page = page_class(type(sample.screen))(sample.screen, self.themes.theme, allowed)
        self.frame.set_progress(sample.progress)
        self.frame.set_exit_allowed(sample.cancel)
        self.frame.show_page(page)
        if sample.act is not None:
            sample.act(page)
        if sample.overlay is not None:
            sample.overlay(self.frame)
        self.settle()
        return self.frame.grab()

    def settle(self) -> None:
        """Carry out what is posted: layouts (heights that depend on widths need a second pass) and deletions."""
        for _ in range(2):
            QCoreApplication.sendPostedEvents()
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)

    def close(self) -> None:
        self.frame.drop_page()
        self.frame.close_overlays()
        self.frame.close()
        self.frame.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def shots(
    themes: tuple[ThemeName, ...], only: str = "", size: QSize = PORTRAIT, scale: float = 1.0
) -> Iterator[tuple[str, QPixmap]]:
    """(file name without ending, picture) of every sample in every theme asked for."""
    samples = {name: sample for name, sample in all_samples().items() if only in name}
    for theme in themes:
        stage = Stage(theme, size, scale)
        for name, sample in samples.items():
            yield f"{name}.{theme}", stage.show(sample)
        stage.close()


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m ui.gallery", description="Draw every page into PNG files.")
    parser.add_argument("--shots", type=Path, required=True, metavar="DIR")
    parser.add_argument("--theme", choices=[*THEMES, "all"], default="standard")
    parser.add_argument("--only", default="", help="part of a sample's name")
    parser.add_argument("--size", default="1080x1920")
    parser.add_argument("--scale", type=float, default=1.0)
    args = parser.parse_args(argv)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication.instance() or QApplication(sys.argv[:1])
    args.shots.mkdir(parents=True, exist_ok=True)
    width, height = (int(part) for part in args.size.split("x"))
    themes: tuple[ThemeName, ...] = THEMES if args.theme == "all" else (args.theme,)
    count = 0
    for name, picture in shots(themes, args.only, QSize(width, height), args.scale):
        if not picture.save(str(args.shots / f"{name}.png")):
            print(f"cannot write {args.shots / name}.png", file=sys.stderr)
            return 1
        count += 1
    print(f"{count} pictures in {args.shots}")
    del app
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
