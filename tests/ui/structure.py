"""Checks of a shown page that need no reference picture. Each returns the complaints it has, as sentences."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import numpy as np
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QAbstractButton, QComboBox, QDialog, QMenu, QScrollArea, QWidget

from ui.frame import KioskFrame
from ui.overlays import Cover
from ui.paint.text import TextRun
from ui.tokens import contrast
from ui.widgets.base import PaintMixin
from ui.widgets.diag_edge import Edge
from ui.widgets.overlay import Overlay

HANZI = re.compile(r"[\u4e00-\u9fff]")
PERSONAL = re.compile(r"(?<!\d)(\d{17}[\dXx]|1\d{10})(?!\d)")
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff][,;:?!]|[,;?!][\u4e00-\u9fff]|[!！]")


def overlay_of(frame: KioskFrame) -> QWidget | None:
    """The topmost one, the frame's or a page's own."""
    shown = [w for w in frame.children() if isinstance(w, (Overlay, Cover)) and w.isVisible()]
    return shown[-1] if shown else None


def painted(frame: KioskFrame) -> Iterator[QWidget]:
    """Visible widgets of ours that can be seen: under an overlay only the overlay's."""
    root: QWidget = overlay_of(frame) or frame
    for widget in root.findChildren(QWidget):
        if isinstance(widget, PaintMixin) and widget.isVisible():
            yield widget


def technical(frame: KioskFrame) -> bool:
    """Diagnostics: technicians stand close, know what they look for, and have sizes of their own (R5)."""
    return frame.page is not None and frame.page.whole_window


def marked(frame: KioskFrame) -> list[str]:
    """R20: a technician's page has the amber rim above everything and says what it is; a citizen's has neither, and all its bars."""
    rims = [w for w in frame.findChildren(QWidget) if isinstance(w, Edge) and w.isVisible()]
    bad = [f"{len(rims)} rims round the window"] if len(rims) != int(technical(frame)) else []
    bars = [bar.objectName() for bar in (frame.top_bar, frame.utility_bar) if bar.isVisible() == technical(frame)]
    bad += [f"{name} is {'shown' if technical(frame) else 'missing'}" for name in bars]
    if technical(frame):
        image = frame.grab().toImage()
        amber = frame.theme.color("diagnostic").rgb()
        last = frame.theme.px("tech_edge") - 1
        w, h = image.width() - 1, image.height() - 1
        for inset in (0, last):
            for x, y in ((inset, h // 2), (w - inset, h // 2), (w // 2, inset), (w // 2, h - inset)):
                if image.pixel(x, y) != amber:
                    bad.append(f"no amber at {x},{y}")
        if frame.page is not None and not any(
            "诊断模式" in w.accessibleName() for w in frame.page.findChildren(QWidget)
        ):
            bad.append("diagnostics are not named")
    return bad


def buttons(frame: KioskFrame) -> list[QAbstractButton]:
    return [w for w in painted(frame) if isinstance(w, QAbstractButton) and w.isEnabled()]


def runs(frame: KioskFrame) -> Iterator[tuple[QWidget, TextRun]]:
    for widget in painted(frame):
        for run in widget.runs:  # type: ignore[attr-defined]
            yield widget, run


def place(frame: KioskFrame, widget: QWidget) -> QRect:
    return QRect(widget.mapTo(frame, QPoint(0, 0)), widget.size())


def clipped_text(frame: KioskFrame) -> list[str]:
    bad = []
    for widget, run in runs(frame):
        inside = widget.rect().toRectF().adjusted(-2, -2, 2, 2)
        # a hanzi's square may stand out of a tight box a little; its ink may not
        if not run.fits or not inside.contains(run.rect.adjusted(0, 2, 0, -2)):
            bad.append(f"{widget.objectName()}: {run.text!r} is cut ({run.rect} in {widget.rect()})")
        if run.elided and not getattr(widget, "shortens", False):  # a technician's path: whole on the device's own page
            bad.append(f"{widget.objectName()}: {run.text!r} ends in an ellipsis")
    return bad


def squeezed(frame: KioskFrame) -> list[str]:
    """Widgets lower than their text needs, outside their parent, or over a sibling."""
    bad = []
    for widget in painted(frame):
        name = widget.objectName()
        if widget.hasHeightForWidth() and widget.height() + 1 < widget.heightForWidth(widget.width()):
            bad.append(f"{name} is {widget.height()} high, needs {widget.heightForWidth(widget.width())}")
        parent = widget.parentWidget()
        if not parent.rect().contains(widget.geometry()):
            bad.append(f"{name} leaves its parent: {widget.geometry()} in {parent.rect()}")
        for other in parent.children():
            if (
                isinstance(other, PaintMixin)
                and isinstance(other, QWidget)
                and other is not widget
                and other.isVisible()
                and not (widget.floats or other.floats)  # type: ignore[attr-defined]
                and other.geometry().intersects(widget.geometry())
            ):
                bad.append(f"{name} overlaps {other.objectName()}")
    return bad


def small_targets(frame: KioskFrame) -> list[str]:
    least = frame.theme.px("tech_touch" if technical(frame) else "touch_min")
    return [
        f"{b.objectName()} is {b.width()}x{b.height()}, less than {least}"
        for b in buttons(frame)
        if (b.width() < least or b.height() < least) and not b.hit_ok  # type: ignore[attr-defined]
    ]


def narrow_gaps(frame: KioskFrame) -> list[str]:
    least = frame.theme.px("gap_min")
    bad = []
    spots = [(b.objectName(), place(frame, b)) for b in buttons(frame)]
    for i, (name, one) in enumerate(spots):
        for other_name, other in spots[i + 1 :]:
            if name.startswith("utility.") and other_name.startswith("utility."):
                continue  # fifths of a bar, 53 mm each: their centres are far apart
            dx = max(one.left() - other.right(), other.left() - one.right()) - 1
            dy = max(one.top() - other.bottom(), other.top() - one.bottom()) - 1
            if max(dx, dy) < least:
                bad.append(f"{name} and {other_name} are {max(dx, dy)} px apart")
    return bad


def out_of_reach(frame: KioskFrame) -> list[str]:
    top = frame.theme.px(frame.theme.tokens.top_control_y)
    return [
        f"{b.objectName()} starts at y {place(frame, b).top()}, above {top}"
        for b in buttons(frame)
        if place(frame, b).top() < top and not b.may_touch_top  # type: ignore[attr-defined]
    ]


def small_type(frame: KioskFrame) -> list[str]:
    theme = frame.theme
    kind = "tech" if technical(frame) else "large" if theme.large else "standard"
    floor = round(theme.tokens.floor[kind] * theme.scale)
    return [f"{w.objectName()}: {r.text!r} at {r.font_px} px" for w, r in runs(frame) if r.font_px < floor]


def forbidden_widgets(frame: KioskFrame) -> list[str]:
    bad = []
    for widget in frame.findChildren(QWidget):
        if isinstance(widget, (QComboBox, QMenu, QDialog, QScrollArea)):
            bad.append(f"{type(widget).__name__} {widget.objectName()}")
        if widget.graphicsEffect() is not None:
            bad.append(f"{widget.objectName()} has a graphics effect")
        if widget is not frame and widget.isWindow() and widget.isVisible():
            bad.append(f"{widget.objectName()} is a window of its own")
    return bad


def unnamed(frame: KioskFrame) -> list[str]:
    bad = []
    names = Counter[str]()
    for widget in painted(frame):
        name = widget.objectName()
        names[name] += 1
        if not name:
            bad.append(f"a {type(widget).__name__} has no objectName")
        if not widget.accessibleName() and widget.height():
            bad.append(f"{name} ({type(widget).__name__}) has no accessibleName")
    bad += [f"{count} widgets are called {name}" for name, count in names.items() if count > 1]
    return bad


def wandering_focus(frame: KioskFrame) -> list[str]:
    """The Tab key visits controls in reading order, within the page."""
    page = frame.page
    if page is None or overlay_of(frame) is not None:
        return []
    mine = {b for b in buttons(frame) if page.isAncestorOf(b)}
    chain = []
    widget = page.nextInFocusChain()
    while widget is not page:
        if widget in mine:
            chain.append(widget)
        widget = widget.nextInFocusChain()
    spots = [place(frame, w) for w in chain]
    bad = []
    for (one, a), (two, b) in zip(
        zip(chain, spots, strict=True), list(zip(chain, spots, strict=True))[1:], strict=False
    ):
        above = b.bottom() < a.top()
        left = b.right() < a.left() and abs(a.center().y() - b.center().y()) < min(a.height(), b.height()) / 2
        if above or left:
            bad.append(f"Tab goes back from {one.objectName()} to {two.objectName()}")
    return bad


def bad_copy(frame: KioskFrame) -> list[str]:
    bad = []
    page = frame.page
    if page is not None and len(HANZI.findall(page.title())) > 18:
        bad.append(f"title longer than 18 hanzi: {page.title()}")
    for widget, run in runs(frame):
        if HALF_WIDTH.search(run.text):
            bad.append(f"{widget.objectName()}: punctuation in {run.text!r}")
    return bad


def personal_data(frame: KioskFrame) -> list[str]:
    bad = [f"{w.objectName()} shows a full number" for w, r in runs(frame) if PERSONAL.search(r.text)]
    bad += [f"{w.objectName()} speaks a full number" for w in painted(frame) if PERSONAL.search(w.accessibleName())]
    return bad


def weak_contrast(frame: KioskFrame, picture: QPixmap, minimum: float = 4.5) -> list[str]:
    """Text against the commonest colour in its box, as rendered."""
    image = picture.toImage().convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.bytesPerLine() // 4)
    bad = []
    for widget, run in runs(frame):
        if not run.text.strip():
            continue
        spot = run.rect.translated(widget.mapTo(frame, QPoint(0, 0))).toRect() & picture.rect()
        if spot.isEmpty():
            continue
        area = pixels[spot.top() : spot.bottom() + 1, spot.left() : spot.right() + 1] & 0xFFFFFF
        values, counts = np.unique(area, return_counts=True)
        ground = f"#{values[counts.argmax()]:06x}"
        # Among its pixels' colours the text's own is nearly always the darkest or the brightest; the softened edges lie between.
        if any(contrast(f"#{value:06x}", ground) >= minimum for value in (values[0], values[-1])):
            continue
        best = max(contrast(f"#{value:06x}", ground) for value in values)
        if best < minimum:
            bad.append(f"{widget.objectName()}: {run.text!r} has contrast {best:.1f} on {ground}")
    return bad


CHECKS = (
    clipped_text,
    squeezed,
    small_targets,
    narrow_gaps,
    out_of_reach,
    small_type,
    forbidden_widgets,
    marked,
    unnamed,
    wandering_focus,
    bad_copy,
    personal_data,
)
