"""QtDesk: `kiosk.screens.base.Desk` on the kiosk's window. Journeys await answers here without knowing Qt.

Needs nothing but asyncio and a Qt event loop that runs it. Answers of a page queue up until they are awaited; what is tapped
after a way out was closed, or on a page that is gone, is swallowed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from kiosk.screens.screen import Back, Cancelled, Screen
from ui.frame import KioskFrame
from ui.pages import page_class
from ui.pages.base import Allowed, PageWidget
from ui.speech import SilentSpeech, SpeechPort
from ui.theme import Mode, ThemeSource, dress

A = TypeVar("A")

if TYPE_CHECKING:
    import asyncio

    from kiosk.screens.base import Page, Progress


def _running_loop() -> asyncio.AbstractEventLoop:
    import asyncio

    return asyncio.get_running_loop()


def _log() -> Any:
    """Loaded when something is to be said; the first paint comes before that."""
    import structlog

    return structlog.get_logger(__name__)


class QtPage(Generic[A]):
    """A shown screen. Dead once another one is opened: it then takes no updates and answers no more."""

    def __init__(self, desk: QtDesk, screen: Screen[A]) -> None:
        self._desk = desk
        self._screen: Screen[A] | None = screen
        self._queue: deque[A | Back] = deque()
        self._waiting: asyncio.Future[None] | None = None

    @property
    def screen(self) -> Screen[A] | None:
        """What was last shown; None after the page is gone."""
        return self._screen

    def update(self, screen: Screen[A]) -> None:
        if self._screen is None:
            _log().debug("update_of_closed_page", screen=type(screen).__name__)
            return
        if type(screen) is not type(self._screen):
            raise TypeError(f"page shows {type(self._screen).__name__}, not {type(screen).__name__}")
        self._screen = screen
        self._desk.refresh(self, screen)

    async def answer(self) -> A:
        """Raises Back and Cancelled as the contract says, RuntimeError when two tasks wait on one page."""
        while True:
            self._desk.raise_if_left()
            while self._queue:
                item = self._queue.popleft()
                if not isinstance(item, Back):
                    return item
                if self._desk.allowed.back:
                    raise item
            if self._waiting is not None and not self._waiting.done():
                raise RuntimeError("two tasks await one page")
            self._waiting = _running_loop().create_future()
            try:
                await self._waiting
            finally:
                self._waiting = None

    def put(self, item: A | Back) -> None:
        self._queue.append(item)
        self.wake()

    def wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    def forget(self) -> None:
        self._screen = None
        self._queue.clear()


class QtDesk(QObject):
    """The window as a Desk. `on_help` is called when the citizen calls staff."""

    def __init__(
        self,
        frame: KioskFrame,
        themes: ThemeSource,
        speech: SpeechPort | None = None,
        on_help: Callable[[], None] | None = None,
    ) -> None:
        super().__init__(frame)
        self.frame = frame
        self.allowed = Allowed(back=False, cancel=False)
        self.voice = False
        self._news = ""
        """What of the page was told last."""
        self._themes = themes
        self._speech: SpeechPort = speech if speech is not None else SilentSpeech()
        self._on_touch: Callable[[], None] | None = None
        self._on_help = on_help
        self._on_service: Callable[[], None] | None = None
        self._service_due = False
        """A technician waits until the visit is over."""
        self._page: QtPage[Any] | None = None
        self.watcher: Callable[[], None] | None = None
        """Called after every page shown or refreshed: for a robot that watches the screen."""
        self._left: Cancelled | None = None
        frame.touched.connect(self._touched)
        frame.back_tapped.connect(self._back)
        frame.next_tapped.connect(self._next)
        frame.large_tapped.connect(self._toggle_large)
        frame.contrast_tapped.connect(self._toggle_contrast)
        frame.voice_tapped.connect(self._toggle_voice)
        frame.exit_confirmed.connect(self._exit)
        frame.staff_called.connect(self._help)
        frame.service_asked.connect(self.ask_service)
        frame.service_due.connect(self._wait_for_service)
        themes.changed.connect(self._restyle)

    # -- Desk ------------------------------------------------------------------------------------------------------------

    @property
    def current(self) -> QtPage[Any] | None:
        """The page shown now."""
        return self._page

    def open(self, screen: Screen[A]) -> Page[A]:
        self._forget_page()
        page: QtPage[A] = QtPage(self, screen)
        self._page = page
        self._show(screen)
        self._seen()
        if self._service_due and self.frame.page is not None and self.frame.page.between:
            self._call_service()
        return page

    def _seen(self) -> None:
        if self.watcher is not None:
            self.watcher()

    def close(self) -> None:
        self._forget_page()
        self.frame.drop_page()

    def allow(self, *, back: bool, cancel: bool) -> None:
        self.allowed = Allowed(back=back, cancel=cancel)
        if not cancel:
            self._left = None
        self.frame.set_exit_allowed(cancel)
        if self.frame.page is not None:
            self.frame.page.set_allowed(self.allowed)

    def progress(self, progress: Progress | None) -> None:
        self.frame.set_progress(progress)

    def on_touch(self, callback: Callable[[], None] | None) -> None:
        self._on_touch = callback

    def on_service(self, callback: Callable[[], None] | None) -> None:
        self._on_service = callback

    def ask_service(self) -> None:
        """A technician asks for diagnostics, by the gesture or the service key. While a citizen is served the hand-over comes first;
        between two pages nobody can be asked, so it waits for the end."""
        if self._on_service is None:
            return
        page = self.frame.page
        if page is None:
            self._service_due = True
        elif page.between:
            self._call_service()
        elif not page.whole_window:
            self.frame.open_service()

    def _wait_for_service(self) -> None:
        _log().info("service_waits")
        self._service_due = True

    def _call_service(self) -> None:
        self._service_due = False
        if self._on_service is not None:
            self._on_service()

    @property
    def patience(self) -> float:
        """Twice the time in 长辈版 and with voice."""
        return 2.0 if self.voice or self._themes.theme.mode.large else 1.0

    def idle_warning(self, seconds_left: int | None) -> None:
        if seconds_left is None:
            self.frame.hide_idle()
            return
        first = self.frame.idle is None
        self.frame.show_idle(seconds_left)
        if first:
            self._say("您还在办理吗？")

    def wipe(self) -> None:
        self._speech.stop()
        self.voice = False
        self.frame.set_voice(False)
        self.close()
        self.frame.close_overlays()
        self.frame.set_progress(None)
        self._left = None
        self._themes.set_mode(Mode())
        QGuiApplication.clipboard().clear()
        if self._service_due:
            self._call_service()

    # -- for QtPage ------------------------------------------------------------------------------------------------------

    def refresh(self, page: QtPage[Any], screen: Screen[Any]) -> None:
        if page is self._page and self.frame.page is not None:
            self.frame.page.update_screen(screen)
            news = self.frame.page.news()
            if news != self._news:
                self._news = news
                self._say(news)
            self._seen()

    def raise_if_left(self) -> None:
        """Once, and only while leaving is allowed: an exit confirmed while the journey was busy is not lost."""
        left, self._left = self._left, None
        if left is not None and self.allowed.cancel:
            raise left

    # -- pages -----------------------------------------------------------------------------------------------------------

    def _show(self, screen: Screen[Any], kept: object | None = None) -> None:
        widget: PageWidget[Any] = page_class(type(screen))(screen, self._themes.theme, self.allowed)
        if kept is not None:
            widget.restore(kept)
        widget.answered.connect(self._answered)
        widget.went_back.connect(self._put_back)
        self.frame.show_page(widget)
        self._news = widget.news()
        self._say(widget.voice())

    def _forget_page(self) -> None:
        if self._page is not None:
            page, self._page = self._page, None
            page.forget()

    def _restyle(self) -> None:
        """Another theme: the same page again from its last screen, with what was ticked or typed."""
        app = QApplication.instance()
        if isinstance(app, QApplication):
            dress(app, self._themes.theme)
        widget = self.frame.page
        kept = widget.keep() if widget is not None else None
        self.frame.drop_page()
        self.frame.rebuild()
        screen = self._page.screen if self._page is not None else None
        if screen is not None:
            self._show(screen, kept)

    # -- what the citizen does -------------------------------------------------------------------------------------------

    def _answered(self, value: object) -> None:
        if self._page is not None and self.sender() is self.frame.page:
            self._page.put(value)

    def _put_back(self) -> None:
        if self._page is not None and self.allowed.back:
            self._page.put(Back())

    def _back(self) -> None:
        page = self.frame.page
        if page is not None and (self.allowed.back or page.left_answers):
            page.on_back()

    def _next(self) -> None:
        if self.frame.page is not None:
            self.frame.page.on_next()

    def _exit(self) -> None:
        if not self.allowed.cancel:
            return
        self._left = Cancelled("exit")
        if self._page is not None:
            self._page.wake()

    def _touched(self) -> None:
        if self.frame.page is not None:
            self.frame.page.on_touch()
        if self._on_touch is not None:
            self._on_touch()

    def _toggle_large(self) -> None:
        mode = self._themes.theme.mode
        self._themes.set_mode(Mode(large=not mode.large, high_contrast=mode.high_contrast))

    def _toggle_contrast(self) -> None:
        mode = self._themes.theme.mode
        self._themes.set_mode(Mode(large=mode.large, high_contrast=not mode.high_contrast))

    def _toggle_voice(self) -> None:
        self.voice = not self.voice
        self.frame.set_voice(self.voice)
        if self.voice and self.frame.page is not None:
            self._say(self.frame.page.voice())
        else:
            self._speech.stop()

    def _help(self) -> None:
        _log().info("staff_called")
        if self._on_help is not None:
            self._on_help()

    def _say(self, text: str) -> None:
        if self.voice and text:
            self._speech.say(text)
