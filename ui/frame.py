"""KioskFrame: the window. Bars that never move, one page in the middle, overlays on top.

All input passes the window first: a fresh page ignores presses for `guard_page_ms`, and every press or key that counts is told
by `touched`, so that the idle guard can start again.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QChildEvent, QEvent, QObject, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QLayout, QVBoxLayout, QWidget

from kiosk.ports.clock import Clock
from ui.frame_overlays import FrameOverlays, discard
from ui.pages.base import PageWidget
from ui.paint.shapes import fill_rect
from ui.service_gesture import WIDTH, ServiceGesture, pressed_at
from ui.theme import Theme, ThemeSource
from ui.widgets.bars import ActionBar, Brand, StepBar, TopBar, UtilityBar
from ui.widgets.base import Painted

if TYPE_CHECKING:  # overlays are loaded when the first one opens, not before the first paint
    from PySide6.QtGui import QWindow

    from kiosk.screens.base import Progress
    from ui.widgets.diag_edge import Edge

_PRESSES = (QEvent.Type.TouchBegin, QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick, QEvent.Type.KeyPress)
_PRESSING_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space, Qt.Key.Key_Select)


class KioskFrame(FrameOverlays):
    """Portrait or landscape, whatever the window's size; sizes come from the theme. `guard_page_ms` 0 for tests."""

    # Of the class, too: Qt still tells of leaving children when Python has taken the frame apart already.
    _guard_ms: float = 0.0
    _fresh_until: float = float("-inf")
    _edge: Edge | None = None

    back_tapped = Signal()
    next_tapped = Signal()
    large_tapped = Signal()
    contrast_tapped = Signal()
    voice_tapped = Signal()
    service_asked = Signal()
    """The technician's gesture on the header."""
    close_asked = Signal()
    """The window manager wants to close the window; the composition root decides."""

    def __init__(
        self,
        themes: ThemeSource,
        clock: Clock,
        brand: Brand | None = None,
        *,
        guard_page_ms: int | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("kiosk")
        self.setAccessibleName("自助服务")
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._themes = themes
        self._clock = clock
        self._brand = brand or Brand()
        self._guard_ms = themes.theme.ms("guard_page_ms") if guard_page_ms is None else guard_page_ms
        self._swallowing = False
        self._progress: Progress | None = None
        self._voice = False
        self._closable = False
        self._window: QWindow | None = None
        self.page: PageWidget[Any] | None = None
        self._edge: Edge | None = None
        self._gesture = ServiceGesture()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)  # the panel gives the size, not the page
        self._build_bars()

    @property
    def theme(self) -> Theme:
        return self._themes.theme

    @property
    def help_phone(self) -> str:
        return self._brand.help_phone

    # -- bars ------------------------------------------------------------------------------------------------------------

    def _build_bars(self) -> None:
        theme = self.theme
        self.top_bar = TopBar(theme, self._brand, self._clock, self)
        self.step_bar = StepBar(theme, self)
        self.step_bar.hide()
        self.action_bar = ActionBar(theme, self)
        self.utility_bar = UtilityBar(theme, voice=self._voice, parent=self)
        for bar in (self.top_bar, self.step_bar, self.action_bar, self.utility_bar):
            self._column.addWidget(bar)
        self.action_bar.back_tapped.connect(self.back_tapped)
        self.action_bar.next_tapped.connect(self.next_tapped)
        self.utility_bar.large_tapped.connect(self.large_tapped)
        self.utility_bar.contrast_tapped.connect(self.contrast_tapped)
        self.utility_bar.voice_tapped.connect(self.voice_tapped)
        self.utility_bar.help_tapped.connect(self.open_help)
        self.utility_bar.exit_tapped.connect(self.ask_exit)
        self.utility_bar.allow_exit(self._exit_allowed)

    def rebuild(self) -> None:
        """Another theme: new bars. The page is the desk's to rebuild; overlays are taken away, except the idle warning."""
        left = self.idle.ring.left if self.idle is not None else None
        self.close_overlays()
        for bar in (self.top_bar, self.step_bar, self.action_bar, self.utility_bar):
            discard(bar)
        self._build_bars()
        self.set_progress(self._progress)
        self.update()
        if left is not None:
            self.show_idle(left)

    # -- page ------------------------------------------------------------------------------------------------------------

    def show_page(self, page: PageWidget[Any]) -> None:
        """Put a page in place of the one before, which is cleared and deleted."""
        self._clear_page()
        self.page = page
        self._column.insertWidget(2, page, 1)
        page.chrome_changed.connect(self._chrome)
        page.rearranged.connect(self.guard)
        self._chrome()
        self._fit_window()
        # before it is shown: it is then laid out once, not once at any size
        page.resize(self.width(), self._page_height())
        page.show()
        self.setFocus(Qt.FocusReason.OtherFocusReason)  # Tab then starts with the page
        self.guard()
        for above in (self.help, self.leave, self.service, self.idle, self.cover, self._edge):
            if above is not None:
                above.raise_()

    def _page_height(self) -> int:
        bars = (self.top_bar, self.step_bar, self.action_bar, self.utility_bar)
        return max(0, self.height() - sum(bar.minimumHeight() for bar in bars if not bar.isHidden()))

    def _fit_window(self) -> None:
        """Bars and edge as the page wants them; without one, as citizens know the window."""
        page = self.page
        whole = page is not None and page.whole_window
        self.top_bar.setVisible(not whole)
        self.utility_bar.setVisible(not whole)
        self.step_bar.setVisible(self._progress is not None and page is not None and page.show_steps)
        edge = page.edge if page is not None else ""
        if edge and self._edge is None:
            from ui.widgets.diag_edge import Edge

            self._edge = Edge(self.theme, edge, self)
            self._edge.show()
        elif not edge and self._edge is not None:
            gone, self._edge = self._edge, None
            discard(gone)

    def drop_page(self) -> None:
        self._clear_page()
        self._fit_window()

    def _clear_page(self) -> None:
        if self.page is not None:
            page, self.page = self.page, None
            page.clear()
            discard(page)
        self.action_bar.set_actions(None, None)

    def _chrome(self) -> None:
        page = self.page
        if page is None:
            return
        back = page.back_action() if page.allowed.back or page.left_answers else None
        self.action_bar.set_actions(back, page.next_action(), page.split)
        self.action_bar.setVisible(page.show_actions)

    def set_progress(self, progress: Progress | None) -> None:
        self._progress = progress
        if progress is not None:
            self.step_bar.set_progress(progress)
        self._fit_window()

    def set_exit_allowed(self, allowed: bool) -> None:
        self.utility_bar.allow_exit(allowed)
        self.allow_leaving(allowed)

    def set_voice(self, on: bool) -> None:
        self._voice = on
        self.utility_bar.set_state(voice=on)

    def reset_switches(self) -> None:
        """The utility buttons toggle themselves when tapped; this sets them back to what is in force."""
        self.utility_bar.set_state(voice=self._voice)

    # -- input -----------------------------------------------------------------------------------------------------------

    def guard(self) -> None:
        """What is under the finger changed just now: presses are swallowed for `guard_page_ms`."""
        self._fresh_until = time.monotonic() + self._guard_ms / 1000

    def childEvent(self, event: QChildEvent) -> None:
        """An overlay that comes or goes is as good as a new page: the second tap of two quick ones was meant for the first."""
        super().childEvent(event)
        if event.type() in (QEvent.Type.ChildAdded, QEvent.Type.ChildRemoved):
            self.guard()
        elif event.type() is QEvent.Type.ChildPolished and self._edge is not None:
            self._edge.raise_()  # something has come above it

    def set_by_keys(self, by_keys: bool) -> None:
        """The focus ring is shown to who uses keys, and to nobody else."""
        keys = self.theme.keys
        if keys.by_keys != by_keys:
            keys.by_keys = by_keys
            focused = self.focusWidget()
            if focused is not None:
                focused.update()

    def _stops(self) -> list[QWidget]:
        """Where Tab goes, in reading order: the topmost overlay alone, or the page, its actions, the utility bar."""
        overlays: list[QWidget] = [w for w in self.children() if isinstance(w, Painted) and w.modal and w.isVisible()]
        areas = overlays[-1:]
        if not areas:
            areas = [w for w in (self.page, self.action_bar, self.utility_bar) if w is not None]
        from ui.focus import tab_stops  # for who uses keys

        return tab_stops(self, areas)

    def focusNextPrevChild(self, next: bool) -> bool:
        stops = self._stops()
        if not stops:
            return False
        focused = self.focusWidget()
        at = stops.index(focused) if focused in stops else (-1 if next else 0)
        reason = Qt.FocusReason.TabFocusReason if next else Qt.FocusReason.BacktabFocusReason
        stops[(at + (1 if next else -1)) % len(stops)].setFocus(reason)
        return True

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        window = self.window().windowHandle()
        if window is not None and window is not self._window:
            self._window = window
            window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _PRESSES:
            self.set_by_keys(isinstance(event, QKeyEvent))
            self._listen(event)
            if isinstance(event, QKeyEvent) and event.isAutoRepeat() and event.key() in _PRESSING_KEYS:
                return True  # a key held down presses once
            if time.monotonic() < self._fresh_until:
                self._swallowing = True
                return True
            self._swallowing = False
            if self.idle is None:  # while it is asked, only its own buttons answer
                self.touched.emit()
        elif self._swallowing and event.type() in (
            QEvent.Type.TouchEnd,
            QEvent.Type.TouchUpdate,
            QEvent.Type.MouseButtonRelease,
            QEvent.Type.MouseMove,
            QEvent.Type.KeyRelease,
        ):
            return True
        return False

    def _listen(self, event: QEvent) -> None:
        """For the technician's gesture; the press goes on to whatever it was meant for, which on the header is nothing."""
        at = pressed_at(event)
        if at is None:
            return
        spot = self.mapFrom(self.window(), at)
        if self.top_bar.isVisible() and spot.x() < self.theme.px(WIDTH) and 0 <= spot.y() < self.top_bar.height():
            if self._gesture.touch(time.monotonic()):
                self.service_asked.emit()
        else:
            self._gesture.elsewhere()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._edge is not None:
            self._edge.setGeometry(self.rect())

    def set_closable(self, closable: bool) -> None:
        """False (a kiosk): closing the window only asks, by `close_asked`."""
        self._closable = closable

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self._closable:
            event.ignore()
            self.close_asked.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        fill_rect(painter, event.rect().toRectF(), self.theme.color("page"))
        painter.end()
