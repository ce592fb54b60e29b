"""One suite over every line, and every fault the simulated machine can play."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from drivers.receipt_printer import connect
from drivers.receipt_printer.printer import EscposPrinter
from drivers.receipt_printer.simulator import EscposSimulator
from drivers.transport.host import serve_pty, serve_tcp
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.domain.slip import Picture, QrCode, Slip, Text
from kiosk.ports.devices import Link, PrintEnd, ReceiptPrinter
from tests.drivers.receipt_printer.slips import NUMBER, PAY_URL, decision, signature, slip

QUICK: dict[str, object] = {"stall": 0.4, "job": 4, "settle": 0.05, "speed": 3000, "answer": 0.15, "poll": 0.2}


@asynccontextmanager
async def printer(line: str, simulator: EscposSimulator, **options: object) -> AsyncIterator[EscposPrinter]:
    async with AsyncExitStack() as stack:
        match line:
            case "memory":
                url = "escpos+sim:"
            case "tcp":
                url = f"escpos+tcp://127.0.0.1:{await stack.enter_async_context(serve_tcp(simulator))}"
            case _:
                url = f"escpos+serial://{await stack.enter_async_context(serve_pty(simulator))}?baud=115200"
        opened = connect(url, simulator=simulator, columns=simulator.columns, **{**QUICK, **options})
        stack.push_async_callback(opened.close)
        await opened.open()
        yield opened


@pytest.fixture(params=["memory", "tcp", "pty"])
def line(request: pytest.FixtureRequest) -> str:
    return str(request.param)


# -- conformance -------------------------------------------------------------------------------------------------------


async def test_prints_and_cuts(line: str) -> None:
    simulator = EscposSimulator()
    async with printer(line, simulator) as device:
        assert isinstance(device, ReceiptPrinter)
        assert device.simulated is (line == "memory")
        assert device.status().link is Link.READY
        outcome = await device.print_slip(decision(), "job-1")
        assert (outcome.job_id, outcome.end, outcome.kind) == ("job-1", PrintEnd.DONE, "")
        assert device.status().link is Link.READY
    (paper,) = simulator.papers
    assert "330201-1700000123" in paper.text
    assert 200 < paper.mm < 350
    found = {code.text for code in zxingcpp.read_barcodes(Image.open(io.BytesIO(paper.png)))}
    assert found == {PAY_URL, NUMBER}


async def test_opens_again_after_close(line: str) -> None:
    simulator = EscposSimulator()
    async with printer(line, simulator) as device:
        await device.close()
        await device.close()
        assert device.status().link is Link.CLOSED
        assert (await device.print_slip(slip(Text("甲")), "a")).end is PrintEnd.FAILED
        await device.open()
        assert (await device.print_slip(slip(Text("甲")), "b")).end is PrintEnd.DONE
    assert len(simulator.papers) == 1


async def test_pictures_arrive_whole(line: str) -> None:
    simulator = EscposSimulator()
    async with printer(line, simulator, text="raster") as device:
        big = slip(Text("甲" * 200), Picture(signature(), 70.0), Text("乙"))
        assert (await device.print_slip(big, "a")).end is PrintEnd.DONE
        assert (await device.print_slip(slip(Text("丙")), "b")).end is PrintEnd.DONE
    assert len(simulator.papers) == 2
    assert not simulator.papers[0].text  # nothing of the dots was taken for letters


async def test_jobs_wait_for_each_other() -> None:
    simulator = EscposSimulator()
    async with printer("memory", simulator) as device:
        printing = [asyncio.create_task(device.print_slip(slip(Text(f"第{n}张")), str(n))) for n in range(5)]
        await asyncio.sleep(0)
        assert device.status().link is Link.BUSY
        assert (await device.check()).link is Link.BUSY
        assert [outcome.end for outcome in await asyncio.gather(*printing)] == [PrintEnd.DONE] * 5
    assert [paper.text for paper in simulator.papers] == [f"第{n}张" for n in range(5)]


async def test_technician_page() -> None:
    for columns in (32, 48):
        simulator = EscposSimulator(columns)
        async with printer("memory", simulator) as device:
            assert (await device.print_test()).end is PrintEnd.DONE
        assert "打印测试" in simulator.papers[0].text


# -- before the first byte: failed -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [
        ({"do": "paper", "state": "out"}, ErrorKind.SUPPLY_OUT),
        ({"do": "cover", "open": True}, ErrorKind.COVER_OPEN),
        ({"do": "fault", "id": "PRN.OFFLINE"}, ErrorKind.OFFLINE),
        ({"do": "fault", "id": "PRN.HOT"}, ErrorKind.CONSUMABLE_MECH),
        ({"do": "fault", "id": "PRN.MUTE_STATUS", "count": None}, ErrorKind.OFFLINE),
        ({"do": "unplug"}, ErrorKind.OFFLINE),
    ],
)
async def test_trouble_before_the_job_fails_it(line: str, trouble: dict[str, object], kind: ErrorKind) -> None:
    simulator = EscposSimulator()
    async with printer(line, simulator) as device:
        simulator.control(trouble)
        outcome = await device.print_slip(decision(), "a")
        assert (outcome.end, outcome.kind) == (PrintEnd.FAILED, kind)
        assert device.status().link in (Link.FAULT, Link.DEGRADED, Link.OFFLINE)
        assert "full" not in device.status().parts.values() or kind is not ErrorKind.SUPPLY_OUT
        for repair in ({"do": "plug"}, {"do": "refill"}, {"do": "cover", "open": False}, {"do": "clear"}):
            simulator.control(repair)
        await asyncio.sleep(0.05)
        assert (await device.print_slip(decision(), "b")).end is PrintEnd.DONE
    assert len(simulator.papers) == 1
    assert simulator.state()["hanging_text"] == ""


async def test_broken_slip_fails_before_the_first_byte() -> None:
    simulator = EscposSimulator()
    async with printer("memory", simulator) as device:
        outcome = await device.print_slip(slip(Picture(b"junk")), "a")
    assert (outcome.end, outcome.kind) == (PrintEnd.FAILED, ErrorKind.INVALID_ARGUMENT)


async def test_passing_trouble_is_waited_for() -> None:
    simulator = EscposSimulator()
    async with printer("memory", simulator, settle=3) as device:
        simulator.control({"do": "fault", "id": "PRN.HOT", "seconds": 0.3})
        assert (await device.print_slip(slip(Text("甲")), "a")).end is PrintEnd.DONE


# -- after the first byte: uncertain -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [
        ({"do": "paper_out_after", "lines": 10}, ErrorKind.SUPPLY_OUT),
        ({"do": "fault", "id": "PRN.CUTTER"}, ErrorKind.CONSUMABLE_MECH),
        ({"do": "fault", "id": "PRN.POWER_LOSS", "after": 400}, ErrorKind.OFFLINE),
        ({"do": "fault", "id": "PRN.XOFF"}, ErrorKind.TIMEOUT),
    ],
)
async def test_trouble_in_the_job_leaves_it_uncertain(line: str, trouble: dict[str, object], kind: ErrorKind) -> None:
    simulator = EscposSimulator()
    long = slip(*decision().blocks[:20], *decision().blocks)
    async with printer(line, simulator) as device:
        simulator.control(trouble)
        outcome = await device.print_slip(long, "a")
        assert (outcome.end, outcome.kind) == (PrintEnd.UNCERTAIN, kind)
        assert simulator.papers == []


async def test_half_ticket_is_cut_off_before_the_next_one() -> None:
    simulator = EscposSimulator()
    async with printer("tcp", simulator) as device:
        simulator.control({"do": "fault", "id": "PRN.POWER_LOSS", "after": 700})
        assert (await device.print_slip(decision(), "a")).end is PrintEnd.UNCERTAIN
        assert "简易程序处罚决定书" in simulator.state()["hanging_text"]
        assert (await device.print_slip(slip(Text("补打")), "b")).end is PrintEnd.DONE
    half, again = simulator.papers
    assert "简易程序处罚决定书" in half.text
    assert "扫码缴款" not in half.text
    assert again.text == "补打"


async def test_a_picture_broken_off_does_not_swallow_the_next_slip() -> None:
    simulator = EscposSimulator()
    async with printer("tcp", simulator, stall=0.3) as device:
        simulator.control({"do": "fault", "id": "LINE.HANGUP"})
        simulator.control({"do": "fault", "id": "PRN.XOFF"})
        outcome = await device.print_slip(slip(*(Picture(signature(), 72.0) for _ in range(40))), "a")
        assert outcome.end is not PrintEnd.DONE
        simulator.control({"do": "clear"})
        await asyncio.sleep(0.05)
        assert (await device.print_slip(slip(Text("补打")), "b")).end is PrintEnd.DONE
    assert simulator.papers[-1].text == "补打"


async def test_goes_on_after_refill_like_a_real_machine() -> None:
    simulator = EscposSimulator()
    async with printer("memory", simulator) as device:
        simulator.control({"do": "paper_out_after", "lines": 10})
        assert (await device.print_slip(slip(*decision().blocks[:20]), "a")).end is PrintEnd.UNCERTAIN
        simulator.control({"do": "cover", "open": True})
        simulator.control({"do": "refill"})
        assert simulator.papers == []
        simulator.control({"do": "cover", "open": False})
        async with asyncio.timeout(20):
            while not simulator.papers:
                await asyncio.sleep(0.01)
        assert len(simulator.papers) == 1
        assert (await device.check()).link is Link.READY


async def test_cancelled_job_is_cut_off_too() -> None:
    simulator = EscposSimulator()
    async with printer("memory", simulator) as device:
        simulator.control({"do": "fault", "id": "PRN.SLOW", "delay": 0.05})
        job = asyncio.create_task(device.print_slip(decision(), "a"))
        await asyncio.sleep(0.3)
        job.cancel()
        with pytest.raises(asyncio.CancelledError):
            await job
        simulator.control({"do": "clear"})
        assert (await device.print_slip(slip(Text("补打")), "b")).end is PrintEnd.DONE
    assert simulator.papers[-1].text == "补打"


async def test_slow_printer_is_waited_for(line: str) -> None:
    simulator = EscposSimulator(buffer=512)
    async with printer(line, simulator, stall=10, job=40, answer=2) as device:
        simulator.control({"do": "fault", "id": "PRN.SLOW", "delay": 0.01})
        assert (await device.print_slip(decision(), "a")).end is PrintEnd.DONE
    assert len(simulator.papers) == 1


async def test_hot_head_in_the_job_is_waited_for() -> None:
    simulator = EscposSimulator()
    async with printer("memory", simulator, stall=5, job=40, answer=2) as device:
        simulator.control({"do": "fault", "id": "PRN.SLOW", "delay": 0.01})
        job = asyncio.create_task(device.print_slip(decision(), "a"))
        await asyncio.sleep(0.2)
        simulator.control({"do": "fault", "id": "PRN.HOT", "seconds": 0.5})
        assert (await job).end is PrintEnd.DONE
    assert len(simulator.papers) == 1


async def test_full_buffer_for_ever_is_uncertain(line: str) -> None:
    simulator = EscposSimulator(buffer=256)
    many = slip(*decision().blocks, *(Picture(signature(), 72.0) for _ in range(60)))
    async with printer(line, simulator) as device:
        simulator.control({"do": "paper_out_after", "lines": 3})
        outcome = await device.print_slip(many, "a")
        assert outcome.end is PrintEnd.UNCERTAIN
        assert outcome.kind in (ErrorKind.TIMEOUT, ErrorKind.SUPPLY_OUT)


# -- status ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault", ["PRN.STALE_ASB", "PRN.STALE_BYTE", "LINE.NOISE_BEFORE", "LINE.NOISE_AFTER", "LINE.DOUBLE"]
)
async def test_stale_and_noisy_answers_do_not_fool_us(line: str, fault: str) -> None:
    simulator = EscposSimulator()
    async with printer(line, simulator) as device:
        simulator.control({"do": "fault", "id": fault, "count": 1})
        assert (await device.check()).parts["paper"] == "full"
        simulator.control({"do": "fault", "id": fault, "count": 1})
        assert (await device.print_slip(slip(Text("甲")), "a")).end is PrintEnd.DONE


async def test_automatic_status_in_the_stream_is_understood() -> None:
    simulator = EscposSimulator()
    async with printer("memory", simulator) as device:
        await device._transport.write(b"\x1da\xff", 1.0)
        for _ in range(3):
            simulator.control({"do": "paper", "state": "low"})
            assert (await device.check()).parts["paper"] == "low"
            simulator.control({"do": "refill"})
            assert (await device.check()).parts["paper"] == "full"


async def test_unknown_once_then_offline_then_found() -> None:
    simulator = EscposSimulator()
    async with printer("memory", simulator) as device:
        simulator.control({"do": "fault", "id": "PRN.MUTE_STATUS", "count": None})
        first = await device.check()
        assert first.link is Link.DEGRADED
        assert set(first.parts.values()) == {"unknown"}
        assert (await device.check()).link is Link.OFFLINE
        simulator.control({"do": "clear"})
        assert (await device.check()).link is Link.READY


async def test_paper_low_prints_and_is_told() -> None:
    simulator = EscposSimulator()
    simulator.control({"do": "paper", "state": "low"})
    async with printer("memory", simulator) as device:
        assert device.status().link is Link.DEGRADED
        assert device.status().parts["paper"] == "low"
        assert (await device.print_slip(slip(Text("甲")), "a")).end is PrintEnd.DONE


async def test_open_tells_trouble_but_refuses_only_silence() -> None:
    simulator = EscposSimulator()
    simulator.control({"do": "cover", "open": True})
    async with printer("memory", simulator) as device:
        assert device.status().link is Link.FAULT
    mute = EscposSimulator()
    mute.control({"do": "fault", "id": "PRN.MUTE_STATUS", "count": None})
    device = connect("escpos+sim:", simulator=mute, **QUICK)
    with pytest.raises(DeviceError) as caught:
        await device.open()
    assert caught.value.kind is ErrorKind.OFFLINE
    assert device.status().link is Link.OFFLINE
    await device.close()


# -- other models ------------------------------------------------------------------------------------------------------


async def test_process_id() -> None:
    simulator = EscposSimulator()
    async with printer("memory", simulator, end="process_id") as device:
        assert (await device.print_slip(slip(Text("甲")), "a")).end is PrintEnd.DONE
        assert (await device.print_slip(slip(Text("乙")), "b")).end is PrintEnd.DONE
    without = EscposSimulator(process_id=False)
    async with printer("memory", without, end="process_id", job=0.5) as device:
        outcome = await device.print_slip(slip(Text("甲")), "a")
        assert (outcome.end, outcome.kind) == (PrintEnd.UNCERTAIN, ErrorKind.TIMEOUT)


async def test_end_by_time_and_clean_state() -> None:
    simulator = EscposSimulator()
    async with printer("memory", simulator, end="time") as device:
        assert (await device.print_slip(slip(Text("甲")), "a")).end is PrintEnd.DONE
        simulator.control({"do": "paper_out_after", "lines": 3})
        assert (await device.print_slip(decision(), "b")).kind is ErrorKind.SUPPLY_OUT


async def test_clone_that_knows_only_esc_v() -> None:
    simulator = EscposSimulator()
    simulator.control({"do": "fault", "id": "PRN.ESC_V", "count": None})
    async with printer("memory", simulator, status="esc_v", job=1) as device:
        assert device.status().link is Link.DEGRADED  # the cover is not known
        assert (await device.print_slip(slip(Text("甲")), "a")).end is PrintEnd.DONE
        simulator.control({"do": "paper_out_after", "lines": 3})
        assert (await device.print_slip(decision(), "b")).end is PrintEnd.UNCERTAIN
        assert (await device.print_slip(decision(), "c")).end is PrintEnd.FAILED


async def test_write_only_file_is_always_uncertain(tmp_path: Path) -> None:
    node = tmp_path / "lp0"
    node.touch()
    device = connect(f"escpos+file://{node}?status=none")
    await device.open()
    assert device.status().link is Link.DEGRADED
    assert set(device.status().parts.values()) == {"unknown"}
    for _ in range(2):
        outcome = await device.print_slip(slip(Text("宁波")), "a")
        assert outcome.end is PrintEnd.UNCERTAIN
    await device.close()
    assert node.read_bytes() == (b"\x1b@\x1b2\x1c&" + "宁波\n".encode("gbk") + b"\x1bd\x06\x1dV\x00") * 2


async def test_models_without_chinese_font_and_qr() -> None:
    simulator = EscposSimulator()
    for fault in ("PRN.NO_GBK", "PRN.NO_QR"):
        simulator.control({"do": "fault", "id": fault, "count": None})
    async with printer("memory", simulator) as device:
        await device.print_slip(decision(), "a")
    async with printer("memory", simulator, text="raster", qr="raster", barcode="raster") as device:
        await device.print_slip(decision(), "b")
    wrong, right = simulator.papers
    assert "????" in wrong.text
    assert "[qr]" not in wrong.text
    found = {code.text for code in zxingcpp.read_barcodes(Image.open(io.BytesIO(right.png)))}
    assert found == {PAY_URL, NUMBER}


@pytest.mark.parametrize(
    "url",
    [
        "samv+sim:",
        "escpos+sim:?columns=7",
        "escpos+sim:?cut=yes",
        "escpos+tcp://h:9100?job=x",
        "escpos+tcp://h?colour=1",
    ],
)
def test_wrong_urls(url: str) -> None:
    with pytest.raises(ValueError):
        connect(url)


async def test_unprintable_text_in_a_code_is_not_quoted() -> None:
    simulator = EscposSimulator()
    async with printer("memory", simulator) as device:
        outcome = await device.print_slip(slip(QrCode("李某某\ud800")), "a")
    assert (outcome.end, outcome.kind) == (PrintEnd.FAILED, ErrorKind.INVALID_ARGUMENT)
    assert "d800" not in outcome.detail


async def test_asking_for_the_state_changes_nothing() -> None:
    simulator = EscposSimulator()
    simulator.listen(lambda: simulator.control({"do": "state"}))
    simulator.control({"do": "refill"})
    with pytest.raises(ValueError, match="cannot 'dance'"):
        simulator.control({"do": "dance"})


async def test_nothing_personal_in_texts_for_technicians() -> None:
    simulator = EscposSimulator()
    async with printer("memory", simulator) as device:
        secret = Slip("decision", (Text("李某某"), Picture("李某某".encode())))
        outcome = await device.print_slip(secret, "a")
        await device.print_slip(slip(Text("李某某")), "b")
        assert "李" not in repr((outcome, device.status(), secret, simulator.papers))
