"""Scan engines over memory, TCP and pseudo-terminal lines: what is shown is what comes, and what may go wrong."""

from __future__ import annotations

import asyncio
import itertools

import pytest
from structlog.testing import capture_logs

from drivers.qr_scanner.dialects import COMMAND_GAP, Dialect, menu, ucs
from drivers.qr_scanner.splitter import Suffix
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.devices import Link, QrScanner
from tests.drivers.qr_scanner.conftest import rig, show_while_scanning

PAYLOADS = [
    (b"11010119900307000X", "11010119900307000X"),
    ("一次办：违法处理".encode(), "一次办：违法处理"),
    ("浙江宁波".encode("gbk"), "浙江宁波"),
    ("\ufeff带标记".encode(), "带标记"),
    (b"a\x00b\x1dc", "abc"),
    (b"\xff\xfe\xfd\xff", None),
    (b"]Q1 looks like an identifier", "]Q1 looks like an identifier"),
    (b"!", "!"),
    (b"x" * 2953, "x" * 2953),
]


@pytest.mark.parametrize("dialect", list(Dialect))
@pytest.mark.parametrize(("raw", "text"), PAYLOADS)
async def test_what_is_shown_is_what_comes(line: str, dialect: Dialect, raw: bytes, text: str | None) -> None:
    async with rig(line, dialect) as r:
        scan = await show_while_scanning(r, hex=raw.hex())
        assert (scan.raw, scan.text, scan.symbology) == (raw, text, "unknown")
        assert scan.at.utcoffset() is not None
        assert str(raw) not in repr(scan)


@pytest.mark.parametrize("dialect", list(Dialect))
async def test_it_is_a_scanner_with_a_life(line: str, dialect: Dialect) -> None:
    async with rig(line, dialect) as r:
        scanner: QrScanner = r.scanner
        assert scanner.status().link is Link.READY
        assert (await scanner.check()).parts["engine"] == ("unknown" if dialect is Dialect.PLAIN else "ok")
        await scanner.close()
        await scanner.close()
        assert scanner.status().link is Link.CLOSED
        with pytest.raises(DeviceError) as closed:
            await scanner.scan(1)
        assert closed.value.kind is ErrorKind.NOT_OPEN
        await scanner.open()
        assert (await show_while_scanning(r, data="again")).text == "again"


async def test_nothing_shown_is_a_timeout(line: str) -> None:
    async with rig(line, Dialect.NEWLAND) as r:
        with pytest.raises(DeviceError) as timeout:
            await r.scanner.scan(0.1)
        assert timeout.value.kind is ErrorKind.TIMEOUT
        assert r.scanner.status().link is Link.READY
        assert (await show_while_scanning(r, data="late")).text == "late"


async def test_one_reader_at_a_time(line: str) -> None:
    async with rig(line, Dialect.PLAIN) as r:
        asking = asyncio.ensure_future(r.scanner.scan(5))
        await asyncio.sleep(0)
        assert r.scanner.status().link is Link.BUSY
        with pytest.raises(DeviceError) as busy:
            await r.scanner.scan(1)
        assert busy.value.kind is ErrorKind.BUSY
        r.do("show", data="for the first")
        assert (await asking).text == "for the first"


@pytest.mark.parametrize(
    ("sends", "suffix"),
    [
        (b"\r", Suffix.AUTO),
        (b"\n", Suffix.AUTO),
        (b"\r\n", Suffix.AUTO),
        (b"\x03", Suffix.AUTO),
        (b"\r", Suffix.CR),
        (b"\n", Suffix.LF),
        (b"\r\n", Suffix.CRLF),
        (b"\x03", Suffix.ETX),
        (b"", Suffix.NONE),
    ],
)
async def test_suffixes(sends: bytes, suffix: Suffix) -> None:
    async with rig("memory", Dialect.PLAIN, sends=sends, suffix=suffix) as r:
        assert (await show_while_scanning(r, data="one")).raw == b"one"
        assert (await show_while_scanning(r, data="two")).raw == b"two"


async def test_crlf_leaves_single_cr_and_lf_in_the_code() -> None:
    async with rig("memory", Dialect.PLAIN, sends=b"\r\n", suffix=Suffix.CRLF) as r:
        assert (await show_while_scanning(r, hex=b"a\rb\nc".hex())).raw == b"a\rb\nc"


async def test_a_code_held_before_the_engine_is_given_once(line: str) -> None:
    async with rig(line, Dialect.NEWLAND, gone_after=0.9) as r:
        assert (await show_while_scanning(r, data="held")).text == "held"
        with pytest.raises(DeviceError):  # read again and again while it is held
            await r.scanner.scan(1.5)
        assert r.engine.sent > 2
        r.do("hide")
        await asyncio.sleep(1.0)
        assert (await show_while_scanning(r, data="held")).text == "held"


async def test_an_engine_that_sends_twice_gives_one_code(line: str) -> None:
    async with rig(line, Dialect.PLAIN) as r:
        r.do("fault", id="QR.DUPLICATE")
        assert (await show_while_scanning(r, data="twice")).text == "twice"
        assert (await show_while_scanning(r, data="next")).text == "next"


async def test_suffix_sent_twice_makes_no_empty_code(line: str) -> None:
    async with rig(line, Dialect.PLAIN) as r:
        r.do("fault", id="QR.DOUBLE_SUFFIX", count=2)
        assert (await show_while_scanning(r, data="one")).text == "one"
        assert (await show_while_scanning(r, data="two")).text == "two"


async def test_a_code_that_lost_its_suffix_is_dropped_not_glued_to_the_next() -> None:
    async with rig("memory", Dialect.PLAIN) as r:
        r.do("fault", id="QR.NO_SUFFIX")
        with capture_logs() as logs:
            r.do("show", data="lost")
            with pytest.raises(DeviceError):
                await r.scanner.scan(0.6)
        assert [e["size"] for e in logs if e["event"] == "scan_without_suffix_dropped"] == [4]
        assert (await show_while_scanning(r, data="whole")).text == "whole"


async def test_silence_ends_a_code_where_that_is_configured() -> None:
    async with rig("memory", Dialect.PLAIN, idle_ends=True) as r:
        r.do("fault", id="QR.NO_SUFFIX")
        assert (await show_while_scanning(r, data="no end")).text == "no end"


async def test_an_over_long_code_is_dropped_with_a_log(line: str) -> None:
    async with rig(line, Dialect.PLAIN) as r:
        r.do("fault", id="QR.LONG")
        with capture_logs() as logs:
            asking = asyncio.ensure_future(r.scanner.scan(5))
            await asyncio.sleep(0)
            r.do("show", data="replaced by ten kilobytes")
            await asyncio.sleep(0.05)
            r.do("show", data="short")
            assert (await asking).text == "short"
        assert [e["size"] for e in logs if e["event"] == "scan_too_long_dropped"] == [10_000]


async def test_a_code_shown_long_before_it_was_asked_for_does_not_count() -> None:
    async with rig("memory", Dialect.PLAIN) as r:
        r.do("show", data="stale")
        await asyncio.sleep(1.2)
        assert (await show_while_scanning(r, data="asked")).text == "asked"


async def test_a_code_shown_a_moment_early_counts(line: str) -> None:
    async with rig(line, Dialect.PLAIN) as r:
        r.do("show", data="early")
        await asyncio.sleep(0.05)
        assert (await r.scanner.scan(2)).text == "early"


async def test_aim_identifier_names_the_symbology() -> None:
    async with rig("memory", Dialect.PLAIN, aim=True) as r:
        scan = await show_while_scanning(r, data="x")
        assert (scan.raw, scan.symbology) == (b"x", "qr")


async def test_codes_that_come_in_drips_are_whole(line: str) -> None:
    async with rig(line, Dialect.NEWLAND) as r:
        r.do("fault", id="LINE.DRIP", count=None)
        assert (await show_while_scanning(r, data="drop by drop")).text == "drop by drop"


async def test_a_stall_in_mid_code_does_not_cut_it() -> None:
    async with rig("memory", Dialect.PLAIN) as r:
        r.do("fault", id="LINE.STALL", seconds=0.2)
        assert (await show_while_scanning(r, data="stalls in the middle")).text == "stalls in the middle"


async def test_noise_left_on_the_line_is_not_the_beginning_of_the_next_code() -> None:
    async with rig("memory", Dialect.PLAIN, idle_gap=0.0, lost_end=60.0) as r:
        r.do("fault", id="LINE.NOISE_AFTER")
        assert (await show_while_scanning(r, data="one")).raw == b"one"
        assert (await show_while_scanning(r, data="two")).raw == b"two"
        assert r.scanner.counters()["failed_reads"] == 1


async def test_a_code_that_stalls_while_it_is_asked_for_stays_whole() -> None:
    async with rig("memory", Dialect.PLAIN, idle_gap=60.0, lost_end=60.0) as r:
        r.do("fault", id="LINE.STALL", seconds=0.2)
        r.do("show", data="half of it is there")
        while not r.scanner._engine._splitter.pending:
            await asyncio.sleep(0.005)
        assert (await r.scanner.scan(5.0)).text == "half of it is there"


# --- commands


async def test_newland_is_set_started_and_stopped_by_the_documented_bytes(line: str) -> None:
    async with rig(line, Dialect.NEWLAND) as r:
        await show_while_scanning(r, data="x")
        await asyncio.sleep(0.1)
        seen = r.engine.commands
    assert seen == [
        b"~\x010000#SCNTRG0;\x03",
        b"~\x010000#SCNMOD0;\x03",
        b"~\x010000#SCNTRG1;\x03",
        b"~\x010000#SCNTRG0;\x03",
    ]
    assert ucs("SCNMOD2", permanent=True) == bytes.fromhex("7e0130303030 40 53434e4d4f4432 3b03")


async def test_honeywell_is_started_and_stopped_by_the_documented_bytes(line: str) -> None:
    async with rig(line, Dialect.HONEYWELL) as r:
        await show_while_scanning(r, data="x")
        await asyncio.sleep(0.1)
        seen = r.engine.commands
    assert seen == [bytes.fromhex("164d0d") + b"TERMID?.", bytes.fromhex("16540d"), bytes.fromhex("16550d")]
    assert menu("TERMID130") == b"\x16M\rTERMID130."


async def test_commands_keep_their_distance() -> None:
    loop = asyncio.get_running_loop()
    async with rig("memory", Dialect.NEWLAND) as r:
        times: list[float] = []
        obey = r.engine.listen(lambda: times.append(loop.time()) if r.engine.commands[len(times) :] else None)
        r.engine.commands.clear()
        for _ in range(3):
            await r.scanner.check()
            r.engine.changed()
        obey()
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert gaps
    assert min(gaps) > COMMAND_GAP * 0.8


async def test_a_mute_engine_is_not_open(line: str) -> None:
    async with rig(line, Dialect.NEWLAND) as r:
        await r.scanner.close()
        r.do("fault", id="QR.MUTE", count=None)
        with pytest.raises(DeviceError) as mute:
            await r.scanner.open()
        assert mute.value.kind is ErrorKind.TIMEOUT
        assert r.scanner.status().link is Link.OFFLINE
        r.do("clear")
        assert (await r.scanner.check()).link is Link.READY


@pytest.mark.parametrize("verdict", ["NAK", "ENQ"])
async def test_an_engine_that_refuses_to_scan(line: str, verdict: str) -> None:
    async with rig(line, Dialect.NEWLAND) as r:
        r.do("fault", id=f"QR.{verdict}", count=2)
        with pytest.raises(DeviceError) as refused:
            await r.scanner.scan(3)
        assert (refused.value.kind, refused.value.native) == (ErrorKind.PROTOCOL, verdict)
        r.do("clear")
        r.do("fault", id=f"QR.{verdict}", count=1)
        assert (await show_while_scanning(r, data="second try")).text == "second try"


async def test_a_lost_answer_does_not_lose_the_code(line: str) -> None:
    async with rig(line, Dialect.NEWLAND) as r:
        r.do("show", data="there")
        r.do("fault", id="QR.NO_ACK")
        assert (await r.scanner.scan(3)).text == "there"


async def test_the_trigger_is_repeated_for_engines_that_stop_by_themselves() -> None:
    async with rig("memory", Dialect.NEWLAND, retrigger=0.15) as r:
        with pytest.raises(DeviceError):
            await r.scanner.scan(0.6)
        assert r.engine.commands.count(ucs("SCNTRG1")) >= 2


async def test_unplugging_is_noticed_and_coming_back_too(line: str) -> None:
    async with rig(line, Dialect.NEWLAND) as r:
        asking = asyncio.ensure_future(r.scanner.scan(5))
        await asyncio.sleep(0.1)
        r.do("unplug")
        with pytest.raises(DeviceError) as gone:
            await asking
        assert gone.value.kind is ErrorKind.OFFLINE
        assert r.scanner.status().link is Link.OFFLINE
        with pytest.raises(DeviceError) as still:
            await r.scanner.scan(1)
        assert still.value.kind is ErrorKind.OFFLINE
        assert (await r.scanner.check()).link is Link.OFFLINE
        r.do("plug")
        await asyncio.sleep(0.05)
        assert (await show_while_scanning(r, data="back")).text == "back"


async def test_cancelling_leaves_a_scanner_that_works(line: str) -> None:
    async with rig(line, Dialect.NEWLAND) as r:
        asking = asyncio.ensure_future(r.scanner.scan(5))
        await asyncio.sleep(0.1)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert (await show_while_scanning(r, data="after")).text == "after"


async def test_logs_hold_no_payload() -> None:
    with capture_logs() as logs:
        async with rig("memory", Dialect.PLAIN) as r:
            scan = await show_while_scanning(r, data="110101199003070000")
    assert logs
    assert "110101199003070000" not in repr(logs) + repr(scan) + repr(r.engine.state())


async def test_simulator_refuses_nonsense() -> None:
    async with rig("memory", Dialect.PLAIN) as r:
        for command in (
            {"do": "show"},
            {"do": "show", "hex": "zz"},
            {"do": "press"},
            {"do": "fly"},
            {"do": "show", "data": ""},
        ):
            with pytest.raises(ValueError):
                r.engine.control(command)
