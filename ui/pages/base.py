"""PageWidget: one screen being shown. Built for one show, deleted after it, so that nothing personal outlives the citizen.

A page never knows what comes next. It turns its screen into widgets (`build`), its widgets into an answer (`answered`), and newer
data into changed widgets (`refresh`).
"""

from __future__ import annotations

from typing import Any, ClassVar, Generic, NamedTuple, TypeVar

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from kiosk.screens.screen import Screen
from ui.pages.sides import Part, Sides
from ui.paint.shapes import draw_shadow
from ui.theme import Theme
from ui.widgets.bars import Action, Split
from ui.widgets.base import PaintMixin
from ui.widgets.layouts import forget_sizes
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
        self.sides: Sides | None = None
        if self.title():
            self.heading = PageTitle(theme, "page.title", self.title(), self.hint(), align=self.title_align())
            self.body.addWidget(self.heading)
            self.body.addSpacing(theme.pick(18, 0))
        self.build()
        self.setAccessibleName(self.voice())

    def side_by_side(
        self,
        shares: tuple[int, int] = (4, 5),
        grows: Part = "main",
        column: QVBoxLayout | None = None,
    ) -> Sides:
        """To be called first in `build`: the page has a left and a right side in landscape, its heading on the left."""
        if self.heading is not None:
            self.body.removeWidget(self.heading)  # an item taken by hand would live on, and keep the sizes of the next
        while self.body.count():
            self.body.takeAt(0)
        self.sides = Sides(column or self.body, self.theme.px("margin"), shares, grows)
        if self.heading is not None:
            self.sides.aside.addWidget(self.heading)
            self.sides.aside.addSpacing(self.theme.pick(18, 0))
        return self.sides

    def over_keys(self) -> tuple[Sides, QVBoxLayout]:
        """To be called first in `build`: keys as wide as the window go to the end of `body`, everything else stands above them, in
        landscape on two sides. Returns them and the column they are in."""
        margin, margins = self.theme.px("margin"), self.body.contentsMargins()
        self.body.setContentsMargins(0, margins.top(), 0, 0)
        column = QVBoxLayout()
        column.setContentsMargins(margin, 0, margin, 0)
        column.setSpacing(self.theme.pick(24, 16))
        sides = self.side_by_side(column=column)
        self.body.addLayout(column, 1)
        return sides, column

    @property
    def crowded(self) -> bool:
        """Large text in landscape: there are lines for what is needed, and for nothing else."""
        return self.wide and self.theme.large

    def lay_out(self) -> None:
        """Place everything anew at once. Heights that depend on widths would else need several rounds of events."""
        if self.width() > 700:
            forget_sizes(self.body)
            self.body.activate()

    def squeeze_over_keys(self) -> None:
        """Of large text in landscape keys of 112 px leave little."""
        theme, margins, crowded = self.theme, self.body.contentsMargins(), self.crowded
        self.body.setContentsMargins(0, theme.px(12) if crowded else theme.pick(30, 24), 0, margins.bottom())
        self.body.setSpacing(theme.px(8 if crowded else "gap"))
        if self.heading is not None:
            self.heading.set_texts(self.title(), self.hint())

    @property
    def wide(self) -> bool:
        """The page is in landscape; False before anybody has given it its size."""
        return self.width() > max(700, self.height())

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

    def complain(self, text: str, tone: Tone = "bad") -> None:
        """Show, replace or (with "") remove the sentence that says what is missing, at the end of the page."""
        if not text:
            if self._complaint is not None:
                self._complaint.hide()
            return
        if self._complaint is None:
            self._complaint = Banner(self.theme, "page.complaint", tone, text)
            (self.body if self.sides is None else self.sides.foot).addWidget(self._complaint)
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

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.sides is not None and self.sides.turn(self.wide):
            self.lay_out()

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
