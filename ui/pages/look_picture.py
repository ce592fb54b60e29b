"""How the citizens' home page looks in a theme and a size, as a picture: painted beside the window, never shown in it."""

from __future__ import annotations

import datetime as dt

from PySide6.QtCore import QCoreApplication, QEvent, QSize, Qt
from PySide6.QtGui import QImage, QPixmap

from kiosk.ports.clock import SHANGHAI
from ui.theme import Mode, ThemeName, ThemeSource
from ui.widgets.bars import Brand


class _Still:
    """The picture is of no moment."""

    def now(self) -> dt.datetime:
        return dt.datetime(2026, 1, 1, 9, 0, tzinfo=SHANGHAI)


def look_picture(name: ThemeName, scale: float, size: QSize) -> QImage:
    """`scale` as in `Theme`, `size` that of the kiosk's window. Takes some hundred milliseconds."""
    from ui.frame import KioskFrame
    from ui.pages import page_class
    from ui.pages.base import Allowed
    from ui.samples.common import SAMPLES

    themes = ThemeSource(scale, motion=False)
    themes.set_mode(Mode.named(name))
    frame = KioskFrame(themes, _Still(), Brand(hall="外观预览", machine="本机"), guard_page_ms=0)
    frame.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    frame.resize(size)
    sample = SAMPLES["c01_home"].screen
    frame.show_page(page_class(type(sample))(sample, themes.theme, Allowed(back=False, cancel=False)))
    frame.show()
    QCoreApplication.sendPostedEvents(frame, QEvent.Type.LayoutRequest.value)
    picture = QPixmap(size)
    frame.render(picture)
    frame.drop_page()
    frame.close()
    frame.deleteLater()
    return picture.toImage()
