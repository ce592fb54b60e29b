"""Sessions of every kind of byte-stream device on a tape: nothing personal on it, and the driver can be played against it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from drivers.id_card.mask import SamvMasker
from drivers.id_card.photo import pack_sim_photo
from drivers.id_card.simulator import SamvSimulator
from drivers.permit_unit.mask import PermitUnitMasker
from drivers.permit_unit.simulator import PermitUnitSimulator
from drivers.qr_scanner.mask import EngineMasker
from drivers.qr_scanner.simulator import ScanEngineSimulator
from drivers.receipt_printer.mask import EscposMasker
from drivers.receipt_printer.simulator import EscposSimulator
from drivers.simulator import Simulator
from drivers.transport.host import serve_pty, serve_tcp
from drivers.transport.replay import replay_url
from drivers.transport.tape import What, load
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.domain.slip import Barcode, QrCode, Slip, Text
from kiosk.ports.devices import PrintEnd
from kiosk.ports.permit import BackFace, WriteJob
from tests.drivers.transport.recording import record, replay

NAME, NUMBER, STREET = "测试甲", "330299199001011220", "样例东路88号"
PERSON = {
    "name": NAME,
    "sex": "2",
    "nation": "01",
    "birth": "19900101",
    "address": f"浙江省宁波市测试区{STREET}",
    "number": NUMBER,
    "issuer": "宁波市公安局测试分局",
    "from": "20200101",
    "to": "20400101",
    "face_seed": 0x5EED5EED,
    "new_addresses": ["宁波市新区样例西路9号"],
}
PERMIT_LINE = "CSCA00000015<3301155<9003071<0"
ENDORSEMENT = "HK2611210001"


@asynccontextmanager
async def at(line: str, simulator: Simulator, driver: str, baud: int = 115200) -> AsyncIterator[str]:
    """The URL of `simulator` on a real line."""
    if line == "tcp":
        async with serve_tcp(simulator) as port:
            yield f"{driver}tcp://127.0.0.1:{port}"
    else:
        async with serve_pty(simulator) as path:
            yield f"{driver}serial://{path}?baud={baud}"


@pytest.fixture(params=["tcp", "pty"])
def line(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def tape(tmp_path: Path) -> Path:
    return tmp_path / "session.tape"


def stored(tape: Path) -> bytes:
    """Every byte on the tape, both ways, one after another, and the file itself."""
    sent, came = bytearray(), bytearray()
    for text in tape.read_text().splitlines():
        fields = json.loads(text)
        (sent if fields.get("what") == "sent" else came).extend(bytes.fromhex(fields.get("hex", "")))
    return bytes(sent) + b"\0\0" + bytes(came) + b"\0\0" + tape.read_bytes()


def assert_nothing_of(tape: Path, *texts: str | bytes) -> None:
    found = stored(tape)
    for text in texts:
        forms = [text] if isinstance(text, bytes) else [text.encode(code) for code in ("utf-8", "utf-16-le", "gb18030")]
        for form in forms:
            assert form not in found


def change_a_command(tape: Path, nth: int, at: int) -> int:
    """Another bit in byte `at` of the `nth` thing the driver had said; returns which byte of all that it said this is."""
    lines, before, count = tape.read_text().splitlines(), 0, 0
    for index, text in enumerate(lines):
        fields = json.loads(text)
        if fields.get("what") != "sent":
            continue
        data = bytearray.fromhex(fields["hex"])
        if count == nth:
            data[at] ^= 0x01
            lines[index] = json.dumps({**fields, "hex": data.hex()})
            tape.write_text("\n".join(lines) + "\n")
            return before + at
        count, before = count + 1, before + len(data)
    raise AssertionError("the driver did not say so much")


# --- ID card reader ---------------------------------------------------------------------------------------------------


async def read_card(url: str, simulator: SamvSimulator | None = None) -> Any:
    from drivers.id_card import connect

    reader = connect(url, decoder="sim")
    try:
        await reader.open()
        if simulator is not None:
            simulator.place(PERSON)
        card = await reader.wait_card(5)
        assert await reader.read_new_addresses()
        return card
    finally:
        await reader.close()


async def card_tape(line: str, tape: Path) -> str:
    simulator = SamvSimulator()
    async with at(line, simulator, "samv+") as url:
        card = await record(tape, "id_card", url, SamvMasker(), lambda: read_card(url, simulator))
    assert (card.name, card.number) == (NAME, NUMBER)
    return replay_url(url, tape)


async def test_card(line: str, tape: Path) -> None:
    url = await card_tape(line, tape)
    photo = pack_sim_photo(0x5EED5EED)
    assert_nothing_of(
        tape, NAME, NUMBER, STREET, "19900101" + "浙", PERSON["issuer"], "样例西路", photo[:12], photo[8:12]
    )
    assert load(tape).whole
    card, played = await replay(lambda: read_card(url))
    assert played.verdict() == ""
    assert card.name == "样例"
    assert card.number[14:17] == "000"
    assert card.photo is not None
    assert (tape.stat().st_mode & 0o777) == 0o600


@pytest.mark.parametrize(
    "fault", ["LINE.FLIP", "LINE.TRUNCATE", "LINE.NOISE_BEFORE", "LINE.DOUBLE", "LINE.DRIP", "LINE.GARBLE"]
)
async def test_a_damaged_answer_gives_nobody_away(tape: Path, fault: str) -> None:
    """The fault strikes the answer that holds the person; what of it cannot be told apart is hidden."""
    simulator = SamvSimulator({"p": PERSON})

    async def session() -> Any:
        from drivers.id_card.photo import NoDecoder
        from drivers.id_card.reader import SamvReader
        from drivers.transport.url import open_transport

        line = open_transport(f"tcp://127.0.0.1:{port}")
        reader = SamvReader(line, NoDecoder(), header_timeout=0.3, body_timeout=0.3, settle=0.01)
        try:
            await reader.open()
            simulator.place("p")
            simulator.listen(lambda: arm() if simulator.state()["card"] == "selected" else None)
            return await reader.wait_card(8)
        finally:
            await reader.close()

    armed: list[str] = []

    def arm() -> None:
        if not armed:
            armed.append(fault)
            # SELECT's own answer goes first; the next is the card's
            simulator.control({"do": "fault", "id": fault, "count": 2})

    async with serve_tcp(simulator) as port:
        card = await record(tape, "id_card", f"samv+tcp://127.0.0.1:{port}", SamvMasker(), session)
    assert card.number == NUMBER
    assert armed
    half = [NAME[:2], NUMBER[:8], NUMBER[8:], STREET[:4], pack_sim_photo(0x5EED5EED)[6:12]]
    assert_nothing_of(tape, NAME, NUMBER, STREET, *half)


async def test_the_first_byte_that_differs_ends_it(line: str, tape: Path) -> None:
    url = await card_tape(line, tape)
    offset = change_a_command(tape, nth=3, at=8)
    with pytest.raises(DeviceError) as caught:
        await replay(lambda: read_card(url))
    assert caught.value.kind is ErrorKind.INTERNAL
    assert caught.value.native == "TAPE"
    assert caught.value.hint.startswith(f"Byte {offset} of what the driver sends is ")


async def test_a_tape_that_breaks_off(tape: Path) -> None:
    url = await card_tape("tcp", tape)
    lines = tape.read_text().splitlines(keepends=True)
    tape.write_text("".join(lines[:8]) + lines[8][:20])
    with pytest.raises(DeviceError, match="the tape breaks off here: it was not finished"):
        await replay(lambda: read_card(url))
    tape.write_text("".join(lines[:4] + lines[6:]))
    with pytest.raises(ValueError, match="Lines are missing in the tape"):
        await replay(lambda: read_card(url))
    tape.write_text("".join([*lines[:4], "noise\n", *lines[4:]]))
    with pytest.raises(ValueError, match="Line 5 of the tape"):
        await replay(lambda: read_card(url))
    tape.write_text("hello\n")
    with pytest.raises(ValueError, match="is not a tape"):
        await replay(lambda: read_card(url))
    tape.unlink()
    with pytest.raises(ValueError, match="cannot be read: No such file"):
        await replay(lambda: read_card(url))


async def test_a_driver_that_says_less(tape: Path) -> None:
    from drivers.id_card import connect

    url = await card_tape("tcp", tape)

    async def only_open() -> None:
        reader = connect(url)
        await reader.open()
        await reader.close()

    _, played = await replay(only_open)
    assert "bytes before the end of the tape" in played.verdict()


async def test_a_lost_line_is_lost_again(tape: Path) -> None:
    """Unplugged and back: both connections are on the tape."""
    from drivers.id_card import connect

    simulator = SamvSimulator()

    async def session(url: str, live: bool) -> str:
        reader = connect(url)
        try:
            await reader.open()
            if live:
                simulator.unplug()
            with pytest.raises(DeviceError) as caught:
                await reader.wait_card(1)
            if live:
                simulator.plug()
            await reader.check()
            return f"{caught.value.kind} {reader.status().link}"
        finally:
            await reader.close()

    async with serve_tcp(simulator) as port:
        url = f"samv+tcp://127.0.0.1:{port}"
        told = await record(tape, "id_card", url, SamvMasker(), lambda: session(url, True))
    assert told == "offline ready"
    again, played = await replay(lambda: session(replay_url(url, tape), False))
    assert again == told
    assert played.verdict() == ""


@pytest.mark.pty
async def test_a_change_of_speed_is_on_the_tape(tape: Path) -> None:
    from drivers.id_card import connect

    simulator = SamvSimulator()

    async def session(url: str, baud: int) -> None:
        reader = connect(url)
        try:
            await reader.open()
            await reader.set_baud(baud)
        finally:
            await reader.close()

    async with serve_pty(simulator) as path:
        url = f"samv+serial://{path}"
        await record(tape, "id_card", url, SamvMasker(), lambda: session(url, 57600))
    assert [event.baud for event in load(tape).events if event.what is What.BAUD] == [57600]
    _, played = await replay(lambda: session(replay_url(url, tape), 57600))
    assert played.verdict() == ""


# --- scan engine ------------------------------------------------------------------------------------------------------


async def scan_two(url: str, simulator: ScanEngineSimulator | None = None) -> list[bytes]:
    from drivers.qr_scanner import connect

    scanner = connect(url)
    found = []
    try:
        await scanner.open()
        if simulator is not None:
            await asyncio.sleep(0.05)  # a plain engine sends at once, so it must have got to its end of the line
        for text in (f"{NUMBER};{NAME}", f"{NUMBER};另一"):
            if simulator is not None:
                simulator.control({"do": "show", "data": text})
            found.append((await scanner.scan(8)).raw)
            if simulator is not None:
                simulator.control({"do": "hide"})
        return found
    finally:
        await scanner.close()


@pytest.mark.parametrize("dialect", ["newland", "honeywell"])
async def test_codes(line: str, tape: Path, dialect: str) -> None:
    from drivers.qr_scanner.dialects import Dialect

    simulator = ScanEngineSimulator(Dialect(dialect))
    async with at(line, simulator, "") as plain:
        url = f"{plain}{'&' if '?' in plain else '?'}dialect={dialect}"
        codes = await record(tape, "qr_scanner", url, EngineMasker(), lambda: scan_two(url, simulator))
    assert codes == [f"{NUMBER};{NAME}".encode(), f"{NUMBER};另一".encode()]
    assert_nothing_of(tape, NAME, NUMBER, NUMBER[:6], "另一")
    played_codes, played = await replay(lambda: scan_two(replay_url(url, tape)))
    assert played.verdict() == ""
    assert [len(code) for code in played_codes] == [len(code) for code in codes]
    assert played_codes[0] != played_codes[1]
    offset = change_a_command(tape, nth=1, at=2)
    with pytest.raises(DeviceError, match=f"Byte {offset} of what the driver sends") as caught:
        await replay(lambda: scan_two(replay_url(url, tape)))
    assert caught.value.native == "TAPE"


async def test_codes_that_come_unasked(tape: Path) -> None:
    """A plain engine is told nothing, so there is nothing to compare: its codes come at their time."""
    simulator = ScanEngineSimulator()
    async with serve_tcp(simulator) as port:
        url = f"tcp://127.0.0.1:{port}"
        codes = await record(tape, "qr_scanner", url, EngineMasker(), lambda: scan_two(url, simulator))
    assert len(codes) == 2
    assert_nothing_of(tape, NAME, NUMBER, "另一")
    for pace in ("1", "50"):
        again, played = await replay(lambda pace=pace: scan_two(f"{replay_url(url, tape)}?pace={pace}"))
        assert played.verdict() == ""
        assert [len(code) for code in again] == [len(code) for code in codes]


# --- receipt printer --------------------------------------------------------------------------------------------------

QUICK = "settle=0.05&speed=3000&answer=0.5&poll=5"


def slip(name: str, number: str) -> Slip:
    return Slip(
        "receipt",
        (
            Text(f"当事人 {name}", bold=True),
            Text(f"生僻字：䶮 {number}"),
            QrCode(f"https://pay.test/{number}"),
            Barcode(number[:10]),
        ),
    )


def drawn(raw: bytes) -> bytes:
    """Dots of a line that was sent as a picture, because of a rare character in it."""
    dots = raw[raw.index(b"\x1dv0\x00") + 8 :]
    return next(dots[at : at + 12] for at in range(0, len(dots), 4) if dots[at : at + 12].count(0) <= 3)


async def print_one(url: str, what: Slip) -> Any:
    from drivers.receipt_printer import connect

    printer = connect(url)
    try:
        await printer.open()
        return await printer.print_slip(what, "job-1")
    finally:
        await printer.close()


async def test_receipt(line: str, tape: Path) -> None:
    simulator = EscposSimulator()
    async with at(line, simulator, "escpos+") as plain:
        url = f"{plain}{'&' if '?' in plain else '?'}{QUICK}"
        mine = slip(NAME, NUMBER)
        outcome = await record(tape, "receipt_printer", url, EscposMasker(), lambda: print_one(url, mine))
    assert outcome.end is PrintEnd.DONE
    assert NUMBER in simulator.papers[0].text
    assert_nothing_of(tape, NAME, NUMBER, NUMBER[:6], "当事", drawn(simulator.papers[0].raw))
    other = slip("某乙丙", "330299200001010003")  # another citizen's slip of the same lengths goes the same way
    outcome, played = await replay(lambda: print_one(replay_url(url, tape), other))
    assert (outcome.end, played.verdict()) == (PrintEnd.DONE, "")
    longer = slip("某乙丙丁", "330299200001010003")
    outcome, played = await replay(lambda: print_one(replay_url(url, tape), longer))
    assert outcome.end is PrintEnd.UNCERTAIN
    assert "and was" in played.verdict()


# --- permit unit ------------------------------------------------------------------------------------------------------


async def issue(url: str, simulator: PermitUnitSimulator | None = None, grants: str = ENDORSEMENT) -> dict[str, Any]:
    from drivers.permit_unit import connect

    unit = connect(url)
    try:
        await unit.open()
        if simulator is not None:
            simulator.control({"do": "insert", "card": {"line": PERMIT_LINE}})
        await unit.accept(5)
        got: dict[str, Any] = {"line": await unit.read_line()}
        sealed = json.dumps({"grants": [{"number": grants}]}).encode()
        await unit.write(WriteJob("W1", sealed, (grants,)))
        got["written"] = await unit.written()
        await unit.print_back(BackFace("CA0000001", (("个人旅游", "香港", "2027-11-21", "一次"),)), "P1")
        got["picture"] = (await unit.picture()).data
        await unit.eject()
        return got
    finally:
        await unit.close()


async def test_permit(line: str, tape: Path) -> None:
    simulator = PermitUnitSimulator(speed=2000.0)
    async with at(line, simulator, "cardunit+") as url:
        got = await record(tape, "permit_unit", url, PermitUnitMasker(), lambda: issue(url, simulator))
    assert got["line"] == PERMIT_LINE
    assert got["written"] == (ENDORSEMENT,)
    hidden = (PERMIT_LINE, PERMIT_LINE[2:12], "CA0000001", ENDORSEMENT, "900307", "个人旅游", got["picture"][200:232])
    assert_nothing_of(tape, *hidden)
    again, played = await replay(lambda: issue(replay_url(url, tape), grants="MO2611210009"))
    assert played.verdict() == ""
    assert again["line"].startswith("CSC00000000")
    assert (len(again["picture"]), again["picture"][:8]) == (len(got["picture"]), b"\x89PNG\r\n\x1a\n")
    offset = change_a_command(tape, nth=2, at=5)
    with pytest.raises(DeviceError, match=f"Byte {offset} of what the driver sends"):
        await replay(lambda: issue(replay_url(url, tape)))
