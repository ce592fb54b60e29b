"""What the camera sees, for the overview only. Frames are shown and forgotten; nobody is recognised."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import cast

import structlog

from kiosk.care.supervisor import GONE
from kiosk.diagnostics.tools import Tools
from kiosk.domain.errors import DeviceError
from kiosk.ports.devices import Camera, Frame
from kiosk.screens.diagnostics import Preview

log = structlog.get_logger(__name__)
PAUSE_S = 0.1
"""Between two shown frames: enough to aim a camera by, and the technician's page stays quick on a small computer."""
AGAIN_S = 2.0
CAMERA = "camera"


class Watching:
    """Watches the camera from `start` to `stop`; `shown` is what to show now."""

    def __init__(self, tools: Tools, wake: Callable[[], None]) -> None:
        self._tools = tools
        self._wake = wake
        self._task: asyncio.Task[None] | None = None
        self._before: Frame | None = None
        self.shown: Preview | None = Preview(lines=("正在打开画面…",)) if CAMERA in tools.supervisor.devices else None

    def start(self) -> None:
        if self._task is None and self.shown is not None:
            self._task = asyncio.ensure_future(self._watch())

    async def stop(self) -> None:
        """The camera is free when this returns, also for a second caller meanwhile; no frame is kept."""
        if (task := self._task) is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            if self._task is task:
                self._task = None
        self._before = None
        if self.shown is not None:
            self.shown = Preview(lines=("画面已暂停",))

    async def _watch(self) -> None:
        while True:
            try:
                await self._show_all()
            except DeviceError as error:
                self._show(Preview(trouble=f"没有画面：{error.hint}"))
            except Exception:
                log.exception("preview_crashed")
                self._show(Preview(trouble="画面出错，详情见日志。"))
                return
            await asyncio.sleep(AGAIN_S)

    async def _show_all(self) -> None:
        camera = cast(Camera, self._tools.supervisor.devices[CAMERA])
        if camera.status().link in GONE:
            self._show(Preview(trouble=camera.status().detail or "摄像头没有打开。"))
            return
        async with aclosing(self._pictures(camera)) as pictures:
            async for preview in pictures:
                self._show(preview)
                await asyncio.sleep(PAUSE_S)

    async def _pictures(self, camera: Camera) -> AsyncGenerator[Preview, None]:
        """With the face that was found, where this machine looks for faces; a capture that has its face is begun anew."""
        if self._tools.faces is None:
            async for frame in camera.frames(1 / PAUSE_S):
                yield Preview(frame, None, (self._figures(frame),))
            return
        while True:
            captures = self._tools.faces.capture()
            try:
                async for capture in captures:
                    found = capture.report
                    words = (
                        "没有人脸" if found.box is None else f"人脸 1 · {_HINTS.get(str(found.hint), str(found.hint))}"
                    )
                    yield Preview(capture.frame, found.box, (words, self._figures(capture.frame)))
            finally:
                if (close := getattr(captures, "aclose", None)) is not None:
                    await close()

    def _figures(self, frame: Frame) -> str:
        """Frames a second as the camera numbers them, and the mean of the green channel."""
        before, self._before = self._before, frame
        green = frame.bgr[1::303]  # every 101st pixel
        light = sum(green) / len(green) if green else 0.0
        if before is None or frame.at <= before.at or frame.seq <= before.seq:
            return f"亮度 {light:.0f}"
        return f"{(frame.seq - before.seq) / (frame.at - before.at):.0f} 帧/秒 · 亮度 {light:.0f}"

    def _show(self, preview: Preview) -> None:
        self.shown = preview
        self._wake()


_HINTS = {
    "no_face": "没有人脸",
    "several_faces": "不止一张脸",
    "too_far": "太远",
    "too_close": "太近",
    "off_centre": "不在中间",
    "pose": "没有正对",
    "eyes": "闭眼",
    "too_dark": "太暗",
    "too_bright": "太亮",
    "uneven_light": "光线不匀",
    "blurred": "模糊",
    "hold_still": "正面",
    "blink": "正面",
    "ok": "正面",
}
