"""What may lie over the page of the frame: idle warning, help, leave?, the technician's hand-over, and the cover of a confirmed exit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:  # overlays are loaded when the first one opens, not before the first paint
    from ui.overlays import Cover, ExitOverlay, HelpOverlay, IdleOverlay, ServiceOverlay
    from ui.pages.base import PageWidget
    from ui.theme import Theme

_HELP = (
    "请按屏幕上方的提示操作，每页只做一件事。",
    "看不清、听不清，可点“大字版”或“语音”。",
    "还有困难，请呼叫工作人员。",
)


class FrameOverlays(QWidget):
    """The part of the frame that opens and closes them. One of each kind at a time."""

    touched = Signal()
    exit_confirmed = Signal()
    staff_called = Signal()
    service_due = Signal()
    """The technician waits for the end of the visit, or has just ended it."""

    page: PageWidget[Any] | None

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._exit_allowed = False
        self.idle: IdleOverlay | None = None
        self.help: HelpOverlay | None = None
        self.leave: ExitOverlay | None = None
        self.service: ServiceOverlay | None = None
        self.cover: Cover | None = None

    @property
    def theme(self) -> Theme:
        raise NotImplementedError

    @property
    def help_phone(self) -> str:
        raise NotImplementedError

    def set_by_keys(self, by_keys: bool) -> None:
        raise NotImplementedError

    def allow_leaving(self, allowed: bool) -> None:
        """What offers to leave offers it only while that is allowed."""
        self._exit_allowed = allowed
        if self.service is not None:
            self.service.allow_end(allowed)
        if not allowed:
            leave, self.leave = self.leave, None
            _drop(leave)
            cover, self.cover = self.cover, None
            _drop(cover)

    def show_idle(self, seconds: int) -> None:
        if self.idle is None:
            from ui.overlays import IdleOverlay

            self.idle = IdleOverlay(self.theme, self, seconds)
            self.idle.stay.connect(self.touched)
            self.idle.leave.connect(self._leave_now)
            self.idle.leave_button.setVisible(self._exit_allowed)
            self.idle.open(self.idle.stay_button)
        self.idle.set_left(seconds)

    def hide_idle(self) -> None:
        idle, self.idle = self.idle, None
        _drop(idle)

    def open_help(self) -> None:
        if self.help is not None:
            return
        from ui.overlays import HelpOverlay

        personal = self.page is not None and self.page.entered
        lines = (self.page.help_lines() if self.page is not None else ()) or _HELP
        self.help = HelpOverlay(self.theme, self, lines, self.help_phone, personal=personal)
        self.help.closed.connect(self.close_help)
        self.help.called.connect(self.staff_called)
        self.help.open()

    def close_help(self) -> None:
        help, self.help = self.help, None
        _drop(help)

    def ask_exit(self) -> None:
        """C26, or out at once where nothing was entered."""
        if not self._exit_allowed or self.page is None:
            return
        if not self.page.entered:
            self._leave_now()
        elif self.leave is None:
            from ui.overlays import ExitOverlay

            self.leave = ExitOverlay(self.theme, self)
            self.leave.stay.connect(self._close_leave)
            self.leave.leave.connect(self._leave_now)
            self.leave.open()

    def _close_leave(self) -> None:
        leave, self.leave = self.leave, None
        _drop(leave)

    def _leave_now(self) -> None:
        if not self._exit_allowed:
            return
        if self.page is not None and self.page.entered and self.cover is None:
            from ui.overlays import Cover

            self.cover = Cover(self.theme, self)
            self.cover.show()
            self.cover.repaint()  # within this frame, before anything else happens
        leave, self.leave = self.leave, None
        _drop(leave)
        idle, self.idle = self.idle, None
        _drop(idle)
        self.exit_confirmed.emit()

    def open_service(self) -> None:
        """A technician stands here while somebody is served."""
        if self.service is None:
            from ui.overlays import ServiceOverlay

            self.service = ServiceOverlay(self.theme, self, can_end=self._exit_allowed)
            self.service.closed.connect(self._close_service)
            self.service.wait.connect(self._wait_for_end)
            self.service.end.connect(self._end_for_service)
            self.service.open()

    def _close_service(self) -> None:
        service, self.service = self.service, None
        _drop(service)

    def _wait_for_end(self) -> None:
        self._close_service()
        self.service_due.emit()

    def _end_for_service(self) -> None:
        if self._exit_allowed:
            self._wait_for_end()
            self._leave_now()

    def close_overlays(self) -> None:
        self.set_by_keys(False)
        self._close_service()
        idle, self.idle = self.idle, None
        _drop(idle)
        help, self.help = self.help, None
        _drop(help)
        leave, self.leave = self.leave, None
        _drop(leave)
        cover, self.cover = self.cover, None
        _drop(cover)


def discard(widget: QWidget) -> None:
    widget.hide()
    widget.setParent(None)
    widget.deleteLater()


def _drop(overlay: QWidget | None) -> None:
    if overlay is not None:
        discard(overlay)
