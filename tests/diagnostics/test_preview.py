"""The live picture of the overview: with the face that is found, never while something else needs the camera."""

from __future__ import annotations

from pathlib import Path

from kiosk.screens.diagnostics import Order, Overview, SelfTest, Verb
from tests.diagnostics.bay import LEAVE, bay, login, on


async def test_the_picture_with_the_face_that_was_found(tmp_path: Path) -> None:
    async with bay(tmp_path, ("camera",)) as found:
        seen = on(Overview, LEAVE, lambda s: s.preview is not None and s.preview.box is not None)
        assert await found.visit(login(), seen, within=30) == "exit"
        shown = found.desk.last(Overview).preview
        assert (shown.frame.width, shown.frame.height) == (1280, 720)
        assert shown.lines[0].startswith("人脸 1")
        assert "亮度" in shown.lines[1]


async def test_without_the_detector_there_is_the_picture_and_its_figures(tmp_path: Path) -> None:
    async with bay(tmp_path, ("camera",)) as found:
        seen = on(Overview, LEAVE, lambda s: s.preview.frame is not None and "帧/秒" in s.preview.lines[0])
        assert await found.visit(login(), seen, within=30, faces=None) == "exit"


async def test_the_camera_is_free_for_its_check_and_no_frame_is_kept(tmp_path: Path) -> None:
    async with bay(tmp_path, ("camera",)) as found:
        watching = on(Overview, Order(Verb.CHECK, "camera", "1"), lambda s: s.preview.frame is not None)
        checked = on(SelfTest, LEAVE, lambda s: s.verdict)
        assert await found.visit(login(), watching, checked, within=40) == "exit"
        assert found.desk.last(SelfTest).verdict == "ready", found.desk.last(SelfTest).rows


async def test_a_covered_lens_is_told(tmp_path: Path) -> None:
    async with bay(tmp_path, ("camera",)) as found:
        found.virtual["camera"].control({"do": "fault", "id": "CAM.COVERED"})
        assert await found.visit(login(), on(Overview, LEAVE, lambda s: s.preview.trouble), within=30) == "exit"
