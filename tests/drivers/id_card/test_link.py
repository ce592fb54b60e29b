"""One question, one answer: stale, foreign and damaged answers on a line whose every byte is scripted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from drivers.id_card.link import SamvLink
from drivers.id_card.procedure import ReadProcedure
from drivers.id_card.samv import Answer, Command, Parser
from drivers.simulator import Command as ControlCommand
from drivers.simulator import Reply, Simulator
from drivers.transport.base import Wire
from drivers.transport.memory import MemoryLine
from kiosk.domain.errors import DeviceError, ErrorKind

NO_CARD, FOUND, DONE = Answer(0x80), Answer(0x9F, data=bytes(4)), Answer(0x90)
SELECTED = Answer(0x90, data=bytes(8))


def read_answer(mark: int) -> Answer:
    return Answer(0x90, data=bytes([1, 0, 4, 0]) + bytes([mark]) * 1280)


class Script(Simulator):
    """Sends the next prepared bytes to each command, whatever it is."""

    kind = "script"

    def __init__(self) -> None:
        super().__init__()
        self.answers: list[bytes] = []
        self.seen: list[Command] = []
        self.wire: Wire | None = None

    def control(self, command: ControlCommand) -> Reply:
        raise ValueError("a script takes no commands")

    def state(self) -> Reply:
        return {}

    async def serve(self, wire: Wire) -> None:
        self.wire, parser = wire, Parser(min_len=3)
        while data := await wire.read():
            for body in parser.feed(data):
                self.seen.append(Command(int.from_bytes(body[:2], "big")))
                if self.answers:
                    await wire.write(self.answers.pop(0))


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
async def link(script: Script) -> AsyncIterator[SamvLink]:
    line = MemoryLine(script)
    await line.open()
    yield SamvLink(line, 0.3, 0.3)
    await line.close()


@pytest.mark.parametrize(
    ("command", "stale", "answer"),
    [
        (Command.FIND, read_answer(1), FOUND),
        (Command.FIND, DONE, NO_CARD),
        (Command.SELECT, FOUND, SELECTED),
        (Command.SELECT, NO_CARD, SELECTED),
        (Command.SELECT, read_answer(1), Answer(0x81)),
        (Command.READ_BASE, DONE, read_answer(2)),
        (Command.READ_BASE, FOUND, Answer(0x41)),
        (Command.READ_NEW_ADDRESS, read_answer(1), Answer(0x91)),
        (Command.READ_NEW_ADDRESS, SELECTED, Answer(0x91)),
        (Command.STATUS, FOUND, DONE),
        (Command.STATUS, NO_CARD, DONE),
        (Command.STATUS, read_answer(1), DONE),
        (Command.RESET, SELECTED, DONE),
        (Command.SAM_ID, DONE, Answer(0x90, data=bytes(16))),
    ],
)
async def test_answer_to_an_earlier_question_is_passed_over(
    link: SamvLink, script: Script, command: Command, stale: Answer, answer: Answer
) -> None:
    script.answers = [stale.frame() + answer.frame()]
    assert await link.ask(command) == answer
    assert script.seen == [command]


async def test_what_lay_on_the_line_before_the_question_is_not_its_answer(link: SamvLink, script: Script) -> None:
    script.answers = [DONE.frame()]
    await link.ask(Command.STATUS)
    assert script.wire is not None
    await script.wire.write(read_answer(1).frame())  # the card of the citizen before
    await asyncio.sleep(0.01)
    script.answers = [read_answer(2).frame()]
    assert await link.ask(Command.READ_BASE) == read_answer(2)


async def test_answer_still_owed_to_a_cancelled_caller_is_not_given_to_the_next(link: SamvLink, script: Script) -> None:
    """80 is a possible answer to both: only the order tells them apart."""
    waiting = asyncio.create_task(link.ask(Command.FIND))
    while script.seen != [Command.FIND]:
        await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    script.answers = [Answer(0x91).frame()]
    asking = asyncio.create_task(link.ask(Command.READ_NEW_ADDRESS))
    await asyncio.sleep(0.01)
    assert script.seen == [Command.FIND]
    assert script.wire is not None
    await script.wire.write(NO_CARD.frame())
    assert await asking == Answer(0x91)
    assert script.seen == [Command.FIND, Command.READ_NEW_ADDRESS]


async def test_answer_owed_that_never_comes_is_not_waited_for_long(link: SamvLink, script: Script) -> None:
    waiting = asyncio.create_task(link.ask(Command.FIND))
    while script.seen != [Command.FIND]:
        await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    script.answers = [NO_CARD.frame()]
    assert await link.ask(Command.FIND) == NO_CARD


@pytest.mark.parametrize("code", [0x10, 0x11, 0x21, 0x24])
async def test_command_that_arrived_damaged_is_sent_once_more(link: SamvLink, script: Script, code: int) -> None:
    script.answers = [Answer(code).frame(), FOUND.frame()]
    assert await link.ask(Command.FIND) == FOUND
    script.answers = [Answer(code).frame(), Answer(code).frame(), FOUND.frame()]
    assert await link.ask(Command.FIND) == Answer(code)
    assert script.seen == [Command.FIND] * 4


async def test_field_is_looked_at_twice(link: SamvLink, script: Script) -> None:
    procedure = ReadProcedure(link, "id_card", 0)
    script.answers = [NO_CARD.frame(), FOUND.frame()]
    assert await procedure.find()
    script.answers = [NO_CARD.frame(), NO_CARD.frame(), FOUND.frame()]
    assert not await procedure.find()


async def test_one_reset_and_one_more_attempt(link: SamvLink, script: Script) -> None:
    failed = Answer(0x41).frame()
    again = [DONE.frame(), DONE.frame(), FOUND.frame(), SELECTED.frame()]
    script.answers = [SELECTED.frame(), failed, *again, read_answer(3).frame()]
    assert await ReadProcedure(link, "id_card", 0).read() == (bytes([3]) * 256, bytes([3]) * 1024)
    steps = [Command.SELECT, Command.READ_BASE]
    assert script.seen == [*steps, Command.RESET, Command.STATUS, Command.FIND, *steps]
    script.answers = [SELECTED.frame(), failed, *again, failed]
    with pytest.raises(DeviceError) as caught:
        await ReadProcedure(link, "id_card", 0).read()
    assert caught.value.kind is ErrorKind.MEDIA_REMOVED


@pytest.mark.parametrize(
    ("sent", "kind"),
    [
        (b"", ErrorKind.TIMEOUT),
        (b"\x00\xff\x55", ErrorKind.TIMEOUT),
        (FOUND.frame()[:-1], ErrorKind.PROTOCOL),
        (FOUND.frame()[:-1] + b"\x00", ErrorKind.PROTOCOL),
        (bytes.fromhex("AAAAAA9669FFFF"), ErrorKind.PROTOCOL),
        (DONE.frame(), ErrorKind.TIMEOUT),
    ],
    ids=["silence", "noise", "half", "checksum", "length", "foreign"],
)
async def test_no_answer(link: SamvLink, script: Script, sent: bytes, kind: ErrorKind) -> None:
    script.answers = [sent]
    with pytest.raises(DeviceError) as caught:
        await link.ask(Command.FIND)
    assert caught.value.kind is kind


async def test_card_status_word_is_kept_for_the_technician(link: SamvLink, script: Script) -> None:
    script.answers = [SELECTED.frame(), Answer(0x33, 0x6A82).frame()]
    with pytest.raises(DeviceError) as caught:
        await ReadProcedure(link, "id_card", 0).read()
    assert caught.value.native == "SW3=33 SW12=6A82"


async def test_endless_noise_ends(link: SamvLink, script: Script) -> None:
    async def babble() -> None:
        while True:
            if script.wire is not None:
                await script.wire.write(bytes(64))
            await asyncio.sleep(0.01)

    babbling = asyncio.create_task(babble())
    async with asyncio.timeout(5):
        with pytest.raises(DeviceError):
            await link.ask(Command.FIND)
    babbling.cancel()
    await asyncio.gather(babbling, return_exceptions=True)
