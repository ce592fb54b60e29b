"""The reaction to every status code a SAM may give, and to what may stand on a card."""

from __future__ import annotations

import logging
from typing import Any

import pytest
import structlog

from drivers.id_card.reader import SamvReader
from drivers.id_card.simulator import SamvSimulator
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.devices import Link


async def refused(reader: SamvReader, deadline: float = 0.3) -> DeviceError:
    with pytest.raises(DeviceError) as caught:
        await reader.wait_card(deadline)
    return caught.value


def arm(simulator: SamvSimulator, fault: str, count: int | None, **args: Any) -> None:
    assert simulator.control({"do": "fault", "id": fault, "count": count, **args})["ok"]


@pytest.mark.parametrize(
    ("fault", "survived"),
    [("81", 2), ("41", 1), ("47", 1), ("31", 2), ("32", 2), ("10", 1), ("11", 1), ("21", 1), ("24", 1), ("80", 3)],
)
async def test_trouble_that_passes(
    near_reader: SamvReader, simulator: SamvSimulator, fault: str, survived: int
) -> None:
    simulator.place("resident")
    arm(simulator, f"SAM.{fault}", survived)
    assert (await near_reader.wait_card(5)).name == "测试甲"
    assert not simulator.faults.as_reply()


@pytest.mark.parametrize(
    ("fault", "kind", "link"),
    [
        ("81", ErrorKind.MEDIA_REMOVED, Link.READY),
        ("41", ErrorKind.MEDIA_REMOVED, Link.READY),
        ("47", ErrorKind.MEDIA_REMOVED, Link.READY),
        ("31", ErrorKind.MEDIA_BAD, Link.READY),
        ("32", ErrorKind.MEDIA_BAD, Link.READY),
        ("33", ErrorKind.MEDIA_BAD, Link.READY),
        ("40", ErrorKind.MEDIA_BAD, Link.READY),
        ("10", ErrorKind.PROTOCOL, Link.DEGRADED),
        ("11", ErrorKind.PROTOCOL, Link.DEGRADED),
        ("21", ErrorKind.PROTOCOL, Link.DEGRADED),
        ("24", ErrorKind.PROTOCOL, Link.DEGRADED),
        ("60", ErrorKind.HARDWARE, Link.FAULT),
        ("66", ErrorKind.CONFIG, Link.FAULT),
    ],
)
async def test_trouble_that_stays(
    near_reader: SamvReader, simulator: SamvSimulator, fault: str, kind: ErrorKind, link: Link
) -> None:
    simulator.place("resident")
    arm(simulator, f"SAM.{fault}", None)
    error = await refused(near_reader, 5)
    assert (error.kind, error.native) == (kind, f"SW3={fault}")
    assert near_reader.status().link is link
    arm(simulator, f"SAM.{fault}", 1)
    simulator.control({"do": "clear"})
    assert (await near_reader.wait_card(5)).name == "测试甲"
    assert near_reader.status().link is Link.READY


async def test_never_a_card(near_reader: SamvReader, simulator: SamvSimulator) -> None:
    simulator.place("resident")
    arm(simulator, "SAM.80", None)
    assert (await refused(near_reader)).kind is ErrorKind.NO_MEDIA


@pytest.mark.parametrize(("code", "part"), [("60", "selftest_failed"), ("66", "unauthorised")])
async def test_broken_module_is_seen_by_the_check(
    near_reader: SamvReader, simulator: SamvSimulator, code: str, part: str
) -> None:
    arm(simulator, f"SAM.{code}", None)
    status = await near_reader.check()
    assert (status.link, status.parts["sam"]) == (Link.FAULT, part)
    assert status.detail
    simulator.control({"do": "clear"})
    status = await near_reader.check()
    assert (status.link, status.parts["sam"], status.detail) == (Link.READY, "ok", "")


async def test_failed_verification_is_a_security_event(near_reader: SamvReader, simulator: SamvSimulator) -> None:
    simulator.place("resident")
    arm(simulator, "SAM.33", 1)
    with structlog.testing.capture_logs() as logs:
        assert (await refused(near_reader)).kind is ErrorKind.MEDIA_BAD
    assert "id_card_verification_failed" in {entry["event"] for entry in logs}
    assert simulator.reads == 0


async def test_taken_away_between_find_and_select_goes_on_waiting(
    near_reader: SamvReader, simulator: SamvSimulator
) -> None:
    simulator.place("resident")
    arm(simulator, "SAM.CARDLEFT", 1, at="select")
    assert (await refused(near_reader)).kind is ErrorKind.NO_MEDIA


async def test_taken_away_before_the_read(near_reader: SamvReader, simulator: SamvSimulator) -> None:
    simulator.place("resident")
    arm(simulator, "SAM.CARDLEFT", 1)
    assert (await refused(near_reader)).kind is ErrorKind.MEDIA_REMOVED
    assert near_reader.status().parts["field"] == "empty"


async def test_wrong_card_is_waited_for_until_it_is_gone(near_reader: SamvReader, simulator: SamvSimulator) -> None:
    simulator.place("resident")
    arm(simulator, "SAM.40", None)
    await refused(near_reader)
    assert not await near_reader.present()
    assert not await near_reader.wait_removed(0.1)
    simulator.remove()
    assert await near_reader.wait_removed(1)


@pytest.mark.parametrize("style", ["second_try", "allow"])
async def test_readers_that_find_a_read_card_again(people: dict[str, Any], style: str) -> None:
    from drivers.id_card.photo import NoDecoder
    from drivers.transport.memory import MemoryLine

    simulator = SamvSimulator(people, find_after_read=style)
    reader = SamvReader(MemoryLine(simulator), NoDecoder(), find_interval=0.02, settle=0.01)
    await reader.open()
    simulator.place("resident")
    await reader.wait_card(1)
    assert await reader.present()
    await reader.wait_card(1)
    assert simulator.reads == 2
    assert not await reader.wait_removed(0.1)
    simulator.remove()
    assert await reader.wait_removed(1)
    await reader.close()


async def test_another_sam(near_reader: SamvReader, simulator: SamvSimulator) -> None:
    arm(simulator, "SAM.ID", 1)
    await near_reader.close()
    await near_reader.open()
    assert near_reader.capabilities["sam_id"] == "05.03-20190603-0000054321-0271828182"


@pytest.mark.parametrize(
    ("fault", "args"),
    [("SAM.TYPE", {}), ("SAM.TEXTLEN", {}), ("SAM.TEXTLEN", {"bytes": 254}), ("SAM.BADDATE", {})],
)
async def test_unusable_text(
    near_reader: SamvReader, simulator: SamvSimulator, fault: str, args: dict[str, Any]
) -> None:
    simulator.place("resident")
    arm(simulator, fault, 1, **args)
    error = await refused(near_reader)
    assert (error.kind, error.native) == (ErrorKind.MEDIA_BAD, "TEXT")
    assert near_reader.status().link is Link.READY


@pytest.mark.parametrize(
    ("fault", "args"),
    [
        ("SAM.NUL", {}),
        ("SAM.SURROGATE", {}),
        ("SAM.NATION", {"code": "57"}),
        ("SAM.SEX", {"code": "9"}),
        ("SAM.LONG", {}),
        ("SAM.EXPIRED", {}),
        ("SAM.BADCHK", {}),
        ("SAM.NOPHOTO", {}),
        ("SAM.PHOTO", {}),
    ],
)
async def test_odd_text_is_read(
    near_reader: SamvReader, simulator: SamvSimulator, fault: str, args: dict[str, Any]
) -> None:
    simulator.place("resident")
    arm(simulator, fault, 1, **args)
    assert (await near_reader.wait_card(5)).number.startswith("33029919900101")


async def test_nothing_personal_leaves_the_reader(
    near_reader: SamvReader, simulator: SamvSimulator, people: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secrets = {str(people["resident"][key]) for key in ("name", "number", "address", "birth")}
    said = []
    with structlog.testing.capture_logs() as logs:
        for fault in (None, "SAM.BADDATE", "SAM.TYPE", "SAM.41", "LINE.FLIP", "LINE.DOUBLE", "LINE.TRUNCATE"):
            simulator.place("resident")
            if fault:
                arm(simulator, fault, 1)
            try:
                said.append(repr(await near_reader.wait_card(1)))
            except DeviceError as error:
                said += [str(error), repr(error.__context__), repr(error.__cause__)]
            said.append(repr(near_reader.status()))
            simulator.remove()
    text = " ".join([*said, repr(logs), caplog.text, repr(simulator.state())])
    assert not [secret for secret in secrets if secret in text]
