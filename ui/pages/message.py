"""C22: something happened. What it is, what is safe, what to do next; never who is to blame."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from kiosk.screens.base import Button
from kiosk.screens.common import Message
from ui.pages.base import PageWidget
from ui.pages.finish import Seal
from ui.widgets.bars import Action
from ui.widgets.cards import Panel
from ui.widgets.money import QrPanel
from ui.widgets.rows import InfoRow
from ui.widgets.text import TextBlock


class MessagePage(PageWidget[Message]):
    """The first button is the primary one and stands on the right; one button alone takes the whole row."""

    show_steps = False
    split = "equal"
    left_answers = True
    entered = True

    def voice(self) -> str:
        return f"{self.data.title}。{self.data.body}"

    def _buttons(self) -> tuple[Button | None, Button | None]:
        """Left and right."""
        buttons = self.data.buttons
        if not buttons:
            return (None, None)
        return (buttons[1] if len(buttons) > 1 else None, buttons[0])

    def back_action(self) -> Action | None:
        left = self._buttons()[0]
        return Action(left.caption, "secondary") if left is not None else None

    def next_action(self) -> Action | None:
        right = self._buttons()[1]
        return Action(right.caption, "primary") if right is not None else None

    def build(self) -> None:
        theme = self.theme
        self.body.addStretch(3)
        self._content = Panel(theme, "c22.panel", "消息", padding=56, spacing=24)
        self.body.addWidget(self._content)
        self.body.addStretch(4)
        self._code = TextBlock(theme, "c22.code", "", "small", "muted", "center")
        self.body.addWidget(self._code)
        self._fill()

    def _fill(self) -> None:
        theme, screen = self.theme, self.data
        self._inside = QWidget(self._content)
        self._sides = QBoxLayout(QBoxLayout.Direction.TopToBottom, self._inside)
        self._sides.setContentsMargins(0, 0, 0, 0)
        self._words = column = QVBoxLayout()
        self._sides.addLayout(column, 1)
        self._seal = Seal(theme, "c22.seal", screen.tone, 180)
        column.addWidget(self._seal)
        column.addWidget(TextBlock(theme, "c22.title", screen.title, "h1", align="center"))
        column.addWidget(TextBlock(theme, "c22.body", screen.body, "body", "text", "center"))
        for i, row in enumerate(screen.rows):
            column.addWidget(InfoRow(theme, f"c22.row.{i}", row.label, row.value, divider=i + 1 < len(screen.rows)))
        if screen.qr:
            self._sides.addWidget(QrPanel(theme, "c22.qr", screen.qr, side=420), 0, Qt.AlignmentFlag.AlignCenter)
        self._content.column.addWidget(self._inside)
        self._arrange()
        self._code.set_text(f"编号 {screen.code}" if screen.code else "")

    def refresh(self, screen: Message, before: Message) -> None:
        if screen == before:
            return
        self._content.column.removeWidget(self._inside)
        self._inside.hide()
        self._inside.setParent(None)
        self._inside.deleteLater()
        self._content.setAccessibleName("消息")
        self._fill()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """In landscape a code stands beside the words, and the sign over them makes room."""
        across, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        spacing = self.theme.px(12 if self.wide else 24)
        self._sides.setDirection(across if self.wide else down)
        self._sides.setSpacing(self.theme.px(48) if self.wide else spacing)
        self._words.setSpacing(spacing)
        self._seal.setVisible(not (self.wide and self.data.qr))

    def on_back(self) -> None:
        left = self._buttons()[0]
        if left is not None:
            self.answer(left.id)

    def on_next(self) -> None:
        right = self._buttons()[1]
        if right is not None:
            self.answer(right.id)
