"""What a technician can have checked on the recorder: room, sound, and whether sound and picture come together."""

from __future__ import annotations

from drivers.recorder.recorder import AvRecorder
from drivers.service import at_least, at_most, failed, part_is, skipped
from kiosk.domain.errors import DeviceError
from kiosk.ports.health import Finding, Level, Person, Verdict

LISTEN_S = 1.0
QUIET_DB, LOUD_DB = -80.0, -1.0
"""A microphone that is plugged in hears the hall; one that touches full scale is set too loud."""


async def examine(recorder: AvRecorder, level: Level, person: Person) -> tuple[Finding, ...]:
    del person
    if level is Level.INTERNAL:
        return await _internal(recorder)
    if level is Level.EXTERNAL:
        return await _external(recorder)
    return (skipped("level_db", "Listen to a recording: `kiosk recording export`."),)


async def _internal(recorder: AvRecorder) -> tuple[Finding, ...]:
    status = await recorder.check()
    parts = status.parts
    return (
        part_is("sound", parts["sound"], ("ok",)),
        part_is("space", parts["space"], ("ok", "low")),
    )


async def _external(recorder: AvRecorder) -> tuple[Finding, ...]:
    if recorder.status().parts["recording"] == "on":
        return (skipped("level_db", "A recording is under way."),)
    try:
        await recorder.hear(LISTEN_S)
    except DeviceError as error:
        return (failed("level_db", error),)
    heard = recorder.level
    level = at_least("level_db", round(heard.rms_db, 1), QUIET_DB, "dB", "" if not heard.silent else "Only zeros.")
    peak = at_most("peak_db", round(heard.peak_db, 1), LOUD_DB, "dB")
    try:
        frame = await recorder.camera.latest(5.0)
    except DeviceError as error:
        return level, peak, failed("picture", error)
    return level, peak, Finding("picture", Verdict.PASSED, f"{frame.width}×{frame.height}")
