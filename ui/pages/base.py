"""PageWidget: one screen being shown. Built for one show, deleted after it, so that nothing personal outlives the citizen.

A page never knows what comes next. It turns its screen into widgets (`build`), its widgets into an answer (`answered`), and newer
data into changed widgets (`refresh`).
"""

from __future__ import annotations

from typing import Any, ClassVar, Generic, NamedTuple, TypeVar

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from kiosk.screens.screen import Screen
from ui.paint.shapes import draw_shadow
from ui.theme import Theme
from ui.widgets.bars import Action, Split
from ui.widgets.base import PaintMixin
from ui.widgets.text import Banner, PageTitle, Tone

S = TypeVar("S", bound=Screen[Any])


class Allowed(NamedTuple):
    """Which ways out exist now. What does not exist is not shown."""

    back: bool = True
    cancel: bool = True


class PageWidget(QWidget, Generic[S]):
    """Subclass with `class ChooseVehiclePage(PageWidget[ChooseVehicle])`, write `title` and `build`, then what else is needed.

    Constructor: (screen, theme, allowed). Add widgets to `self.body` (a column with 48 px side margins and 24 px gaps); direct
    children with an `elevation` get their shadow painted by the page.
    """

    answered = Signal(object)
    """The typed answer of the screen."""
    went_back = Signal()
    rearranged = Signal()
    """Controls moved under the finger that tapped: the frame swallows the second half of a double tap."""
    chrome_changed = Signal()
    """Title, hint or actions differ now; the frame asks for them again."""

    show_steps: ClassVar[bool] = True
    """False: the step bar is hidden (home, finish, errors)."""
    show_actions: ClassVar[bool] = True
    """False: no action bar, the page is 168 px taller (home)."""
    full_bleed: ClassVar[bool] = False
    """True: the page is the whole window between top and utility bar and paints its own ground (out of service)."""
    whole_window: ClassVar[bool] = False
    """True: no bar at all, the page is the window (diagnostics). The way out is then the page's own to show."""
    edge: ClassVar[str] = ""
    """Colour role of a mark round the whole window, above everything, for as long as the page is shown (R20)."""
    between: ClassVar[bool] = False
    """True: nobody is served while it is shown (home, out of service)."""
    split: ClassVar[Split] = "narrow"
    """"narrow": back 300 px; "equal": both buttons alike (finish, notice)."""
    left_answers: ClassVar[bool] = False
    """True: the left button is an answer of the page (cancel the payment, defend), not the way back, and always shown."""
    entered: ClassVar[bool] = True
    """False: nothing was entered yet, 退出 leaves at once (home, service start)."""

    def __init__(self, screen: S, theme: Theme, allowed: Allowed, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.data: S = screen
        self.theme = theme
        self.allowed = allowed
        self.setObjectName(type(self).__name__)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.body = QVBoxLayout(self)
        margin = theme.px("margin")
        top = 0 if self.full_bleed else theme.pick(40 if not self.show_steps else 30, 24)
        self.body.setContentsMargins(margin, top, margin, theme.px(24))
        self.body.setSpacing(theme.px("gap"))
        self.heading: PageTitle | None = None
        self._complaint: Banner | None = None
        if self.title():
            self.heading = PageTitle(theme, "page.title", self.title(), self.hint(), align=self.title_align())
            self.body.addWidget(self.heading)
            self.body.addSpacing(theme.pick(18, 0))
        self.build()
        self.setAccessibleName(self.voice())

    # -- what a page says ------------------------------------------------------------------------------------------------

    def title(self) -> str:
        """What to do, verb first, at most 18 hanzi. Empty: the page draws its own heading."""
        return ""

    def hint(self) -> str:
        return ""

    def title_align(self) -> str:
        return "left"

    def voice(self) -> str:
        """The sentence spoken when the page opens. No personal data unless a headset is in."""
        return "。".join(part.rstrip("。") for part in (self.title(), self.hint()) if part) or type(self).__name__

    def news(self) -> str:
        """Spoken when it changes while the page stays: what whoever does not see the screen must know now. Empty for nothing."""
        return ""

    def help_lines(self) -> tuple[str, ...]:
        """At most three sentences for "人工帮助"; none: the general ones."""
        return ()

    def back_action(self) -> Action | None:
        """Shown only while the step allows going back."""
        return Action("上一步", "secondary", "arrow-left")

    def next_action(self) -> Action | None:
        return None

    # -- what a page does ------------------------------------------------------------------------------------------------

    def build(self) -> None:
        """Create the widgets from `self.data`."""
        raise NotImplementedError

    def refresh(self, screen: S, before: S) -> None:
        """`self.data` is new: change what differs. Called for the same type of screen only."""

    def on_back(self) -> None:
        self.went_back.emit()

    def on_next(self) -> None:
        """The next button was tapped: answer, or complain about what is missing."""

    def on_touch(self) -> None:
        """Somebody touched the screen (count-downs start again)."""

    def keep(self) -> object | None:
        """What the citizen did on the page and has not answered yet; given to `restore` of the page rebuilt in another theme."""
        return None

    def restore(self, kept: Any) -> None: ...

    def clear(self) -> None:
        """Drop frames, pictures, typed text. Called before deletion; extend, do not replace."""
        if self.heading is not None:
            self.heading.set_texts("", "")
        self.data = None  # type: ignore[assignment]

    # -- for subclasses --------------------------------------------------------------------------------------------------

    def answer(self, value: object) -> None:
        self.answered.emit(value)

    def complain(self, text: str, tone: Tone = "bad", *, at: int | None = None) -> None:
        """Show, replace or (with "") remove the sentence that says what is missing, at the end of the page or at index `at`."""
        if not text:
            if self._complaint is not None:
                self._complaint.hide()
            return
        if self._complaint is None:
            self._complaint = Banner(self.theme, "page.complaint", tone, text)
            self.body.insertWidget(self.body.count() if at is None else at, self._complaint)
        self._complaint.set_message(tone, text)
        self._complaint.show()

    # -- machinery -------------------------------------------------------------------------------------------------------

    def update_screen(self, screen: S) -> None:
        """Newer data for the same page. Raises TypeError when the type of screen changes."""
        if type(screen) is not type(self.data):
            raise TypeError(f"{type(self).__name__} shows {type(self.data).__name__}, not {type(screen).__name__}")
        before, self.data = self.data, screen
        if self.heading is not None:
            self.heading.set_texts(self.title(), self.hint())
        self.refresh(screen, before)
        self.setAccessibleName(self.voice())
        self.chrome_changed.emit()

    def set_allowed(self, allowed: Allowed) -> None:
        if allowed != self.allowed:
            self.allowed = allowed
            self.chrome_changed.emit()

    def hasHeightForWidth(self) -> bool:
        """A page takes the room the frame leaves it, so nobody has to measure all its texts at other widths."""
        return False

    def sizeHint(self) -> QSize:
        return QSize(0, 0)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self.paint_ground(painter)
        for child in self.children():
            if isinstance(child, PaintMixin) and isinstance(child, QWidget) and child.elevation and child.isVisible():
                radius = self.theme.px("radius.card")
                draw_shadow(painter, self.theme, child.geometry().toRectF(), radius, child.elevation)
        painter.end()

    def paint_ground(self, p: QPainter) -> None:
        """What lies behind the widgets; the frame has painted the page colour already."""
