"""What every receipt printer must do (`kiosk.ports.devices.ReceiptPrinter`)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import pytest

from drivers.conformance.base import PATIENCE, Bench, DeviceConformance
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.domain.slip import Barcode, Feed, Pair, QrCode, Rule, Slip, Text
from kiosk.ports.devices import PrintEnd

SLIP = Slip(
    "conformance",
    (
        Text("一致性测试", "center", bold=True, size=2),
        Rule(),
        Pair("金额", "￥200.00", right=True),
        Text("English 0123，标点：（）《》"),
        QrCode("ONETRIP CONFORMANCE", "测试"),
        Barcode("0123456789"),
        Feed(),
    ),
)


@dataclass
class ReceiptPrinterBench(Bench):
    """`slips` counts what came out and was cut. `paper_out` takes the paper away and `paper_in` puts it back, where that can be played."""

    slips: Callable[[], int] = field(kw_only=True)
    paper_out: Callable[[], object] | None = None
    paper_in: Callable[[], object] | None = None


class ReceiptPrinterConformance(DeviceConformance[ReceiptPrinterBench]):
    kind = "receipt_printer"

    async def use(self, bench: ReceiptPrinterBench, deadline: float) -> object:
        """A printer's work ends in an outcome; here its trouble is raised, as other devices raise theirs."""
        del deadline
        outcome = await bench.device.print_slip(SLIP, "use")
        if outcome.end is PrintEnd.DONE:
            return outcome
        raise DeviceError(ErrorKind(outcome.kind), bench.device.device_id, outcome.detail)

    async def works(self, bench: ReceiptPrinterBench) -> None:
        outcome = await bench.device.print_slip(SLIP, "works")
        assert (outcome.end, outcome.kind) == (PrintEnd.DONE, "")

    async def test_prints_and_says_so(self) -> None:
        async with self.at_bench() as bench:
            await bench.device.open()
            before = bench.slips()
            outcome = await bench.device.print_slip(SLIP, "job-1")
            assert (outcome.job_id, outcome.end, outcome.kind) == ("job-1", PrintEnd.DONE, "")
            assert bench.slips() == before + 1
            await bench.device.close()

    async def test_a_closed_printer_fails_and_nothing_comes_out(self) -> None:
        async with self.at_bench() as bench:
            outcome = await bench.device.print_slip(SLIP, "job-1")
            assert outcome.end is PrintEnd.FAILED
            assert outcome.detail
            assert bench.slips() == 0

    async def test_jobs_that_come_at_once_are_done_one_after_another(self) -> None:
        async with self.at_bench() as bench:
            await bench.device.open()
            outcomes = await asyncio.gather(*(bench.device.print_slip(SLIP, f"job-{n}") for n in range(3)))
            assert [(each.job_id, each.end) for each in outcomes] == [(f"job-{n}", PrintEnd.DONE) for n in range(3)]
            assert bench.slips() == 3
            await bench.device.close()

    async def test_a_slip_that_cannot_be_printed_fails_before_the_first_byte(self) -> None:
        async with self.at_bench() as bench:
            await bench.device.open()
            outcome = await bench.device.print_slip(Slip("bad", (Barcode("\x00"),)), "job-1")
            assert outcome.end is PrintEnd.FAILED
            assert bench.slips() == 0
            await self.works(bench)
            await bench.device.close()

    async def test_no_paper_is_known_before_printing(self) -> None:
        async with self.at_bench() as bench:
            if bench.paper_out is None or bench.paper_in is None:
                pytest.skip("this bench cannot take the paper away")
            await bench.device.open()
            bench.paper_out()
            outcome = await bench.device.print_slip(SLIP, "job-1")
            assert (outcome.end, outcome.kind) == (PrintEnd.FAILED, ErrorKind.SUPPLY_OUT)
            assert (await bench.device.check()).parts.get("paper") == "out"
            bench.paper_in()
            await bench.device.check()
            await self.works(bench)
            await bench.device.close()

    async def test_a_gone_printer_is_never_done(self) -> None:
        async with self.at_bench() as bench:
            if bench.unplug is None:
                pytest.skip("this bench cannot pull the device out")
            await bench.device.open()
            bench.unplug()
            outcome = await bench.device.print_slip(SLIP, "job-1")
            assert outcome.end is not PrintEnd.DONE
            assert outcome.kind
            await bench.device.close()

    async def test_a_job_that_was_cancelled_does_not_spoil_the_next(self) -> None:
        async with self.at_bench() as bench:
            await bench.device.open()
            printing = asyncio.ensure_future(bench.device.print_slip(SLIP, "job-1"))
            await asyncio.sleep(0.01)
            printing.cancel()
            with suppress(asyncio.CancelledError):
                async with asyncio.timeout(PATIENCE):
                    await printing
            await self.works(bench)
            await bench.device.close()
