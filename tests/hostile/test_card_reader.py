"""Garbage on the reader's line and on the card: one sentence for the citizen, a trace for the technician, the next one is served."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from kiosk.screens import common
from tests.hostile.hall import Hall, Visit, hall, person, plain

FOR_EVER = {"count": None}
ENDS = ("paid", "card_unreadable", "device:id_card", "refused:E01", "cancelled:exit")


def told(visit: Visit, place: Hall) -> None:
    """Trouble that ended the visit has a sentence on the screen and an event in the log."""
    if visit.ended.outcome == "paid":
        return
    assert visit.messages(), "the citizen was sent away without a word"
    assert visit.codes()[-1], "no small print for staff"
    assert {"id_card_trouble"} <= place.events()


@pytest.mark.parametrize("fault", ["GARBLE", "TRUNCATE", "FLIP", "MUTE", "HANGUP", "HANGUP_MID", "LOST_FIRST"])
async def test_line(tmp_path: Path, fault: str) -> None:
    async with hall(tmp_path) as place:
        place.tell("id_card", do="fault", id=f"LINE.{fault}", **FOR_EVER)
        visit = await place.visit()
        assert visit.ended.outcome in ENDS[1:]
        told(visit, place)
        assert place.machine.devices.id_card.status().detail
        place.tell("id_card", do="clear")
        await place.served()


@pytest.mark.parametrize(
    "fault", ["GARBLE", "TRUNCATE", "FLIP", "MUTE", "LATE", "STALL", "NOISE_BEFORE", "DOUBLE", "JOIN"]
)
async def test_line_hiccups_once_and_nobody_notices(tmp_path: Path, fault: str) -> None:
    async with hall(tmp_path) as place:
        place.tell("id_card", do="fault", id=f"LINE.{fault}", seconds=0.2)
        assert (await place.visit()).ended.outcome == "paid"
        await place.in_order()


@pytest.mark.parametrize("sw3", ["10", "11", "21", "24", "31", "32", "33", "40", "41", "47", "60", "66", "80", "81"])
async def test_every_status_code(tmp_path: Path, sw3: str) -> None:
    """For ever, then once: the visit ends in a sentence, the next one in a receipt."""
    async with hall(tmp_path, session={"card_s": 0.5, "idle_s": 0.6, "warn_s": 1}) as place:
        place.tell("id_card", do="fault", id=f"SAM.{sw3}", **FOR_EVER)
        visit = await place.visit()
        if sw3 in ("80", "81"):  # an empty field, or cards that cannot be told apart: only the clock ends that
            assert visit.ended.outcome in ("cancelled:idle", "card_unreadable")
        else:
            assert visit.ended.outcome in ENDS[1:]
            told(visit, place)
        if sw3 in ("60", "66"):
            assert visit.ended.outcome == "device:id_card"
            assert place.machine.devices.id_card.status().detail
        if sw3 in ("31", "32", "33"):
            assert visit.ended.outcome == "refused:E01"
        place.tell("id_card", do="clear")
        await place.served()


async def test_two_cards_at_once_are_told_so(tmp_path: Path) -> None:
    async with hall(tmp_path) as place:
        place.tell("id_card", do="fault", id="SAM.TWO", **FOR_EVER)
        visit = await place.visit()
        assert visit.ended.outcome == "card_unreadable"
        told(visit, place)


async def test_card_taken_away_while_read(tmp_path: Path) -> None:
    async with hall(tmp_path) as place:
        place.tell("id_card", do="fault", id="SAM.CARDLEFT")
        visit = await place.visit()
        assert visit.ended.outcome == "paid", "it was put down once more"
        troubles = [s.trouble for s in visit.desk.updates if isinstance(s, common.PlaceIdCard) and s.trouble]
        assert troubles


@pytest.mark.parametrize(
    "fault", ["TYPE", "TEXTLEN", "BADDATE", "SURROGATE", "NUL", "PHOTO", "NOPHOTO", "BADCHK", "SEX", "NATION"]
)
async def test_what_the_chip_says_makes_no_sense(tmp_path: Path, fault: str) -> None:
    async with hall(tmp_path) as place:
        place.tell("id_card", do="fault", id=f"SAM.{fault}", **FOR_EVER)
        visit = await place.visit()
        assert visit.ended.outcome in (*ENDS, "unavailable", "refused:E03", "refused:E02")
        if visit.ended.outcome != "paid":
            assert visit.messages()
        place.tell("id_card", do="clear")
        await place.served()


@asynccontextmanager
async def garbage_reader() -> AsyncIterator[int]:
    """Something that is no reader at all: answers every command with other random bytes, headers included."""
    import random

    dice = random.Random(7)

    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(256):
            writer.write(dice.choice([b"", b"\xaa\xaa\xaa\x96\x69"]) + dice.randbytes(dice.randrange(1, 3000)))
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(babble, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def test_a_reader_that_only_babbles(tmp_path: Path) -> None:
    from config.settings import load
    from kiosk.cabinet import build_devices

    async with garbage_reader() as port, hall(tmp_path) as place:
        base = load(profile="ci")
        wanted = base.devices.model_copy(update={"id_card": f"samv+tcp://127.0.0.1:{port}"})
        reader = build_devices(base.model_copy(update={"devices": wanted})).id_card
        import dataclasses

        place.machine = dataclasses.replace(
            place.machine, devices=dataclasses.replace(place.machine.devices, id_card=reader)
        )
        visit = await place.visit(within=40)
        assert visit.ended.outcome in ENDS[1:]
        told(visit, place)
        await reader.close()


NAMES = {
    "escpos": "谢\x1bi\x1dV\x00演\x10\x04\x01",
    "controls": "\x00\x07谢\r\n演\x1b[31m",
    "rare": "谢\U00020bb7㛃",
    "private_use": "谢\ue863\uf8ff",
    "fifteen": "买买提江阿卜杜热依木吐尔逊江艾",
    "braces": "{facts}{0}{}",
    "percent": "%s%d%(name)s%n",
    "markup": "<b>谢</b>&amp;",
    "right_to_left": "谢\u202e演\u200b",
    "combining": "谢e\u0301\u0308",
}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
async def test_names(tmp_path: Path, name: str) -> None:
    """The name on the chip goes through every step to the paper; nothing in it is ever taken for a command or a format."""
    from drivers.id_card.text import pack_text, parse_text

    chip = dict.fromkeys(("issuer", "address"), "") | {
        "name": name, "sex": "1", "birth": "19900101", "number": "330203199001010003", "from": "20200101", "to": "20400101",
    }  # fmt: skip
    read = parse_text(pack_text(chip)).name
    people = [person(tmp_path, 1, name=read), person(tmp_path, 2)]
    async with hall(tmp_path, people=people) as place:
        reader: Any = place.machine.virtual["id_card"]
        reader.persons[people[0].name] = {**reader.persons[people[0].name], "name": name}
        visit = await place.visit()
        assert visit.ended.outcome == "paid"
        printer: Any = place.machine.virtual["receipt_printer"]
        assert len(printer.papers) == 2, "one decision and one voucher: no cut but ours"
        for paper in printer.papers:
            assert not [char for char in paper.text if unicodedata.category(char) == "Cc" and char != "\n"]
            if all(" " <= char <= "~" for char in name):
                assert paper is not printer.papers[0] or name in paper.text.replace("\n", "")
        await place.in_order()
        await place.served()


async def test_the_yardstick_itself() -> None:
    assert plain("没有读到，请取下卡套。")
    for wrong in ("GatewayUnavailable", "HTTP 502", "读卡失败！", "没有{facts}", "SW3=41 失败", "error 错误", ""):
        assert not plain(wrong), wrong
