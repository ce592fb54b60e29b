"""The house's own drivers against the suites that other makers run on theirs, on every kind of line."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from drivers.conformance.base import Bench, DeviceConformance
from drivers.conformance.id_card import IdCardBench, IdCardConformance
from drivers.conformance.qr_scanner import QrScannerBench, QrScannerConformance
from drivers.conformance.receipt_printer import ReceiptPrinterBench, ReceiptPrinterConformance
from drivers.id_card.photo import NoDecoder
from drivers.id_card.reader import SamvReader
from drivers.id_card.simulator import SamvSimulator
from drivers.permit_unit.driver import PermitUnitDriver
from drivers.permit_unit.link import Patience
from drivers.permit_unit.simulator import PermitUnitSimulator
from drivers.qr_scanner.dialects import Dialect
from drivers.qr_scanner.serial_scanner import EngineOptions, SerialScanner
from drivers.qr_scanner.simulator import ScanEngineSimulator
from drivers.receipt_printer import connect as connect_printer
from drivers.receipt_printer.simulator import EscposSimulator
from drivers.simulator import Simulator
from drivers.transport.base import ByteTransport
from drivers.transport.host import serve_pty, serve_tcp
from drivers.transport.url import open_transport

NUMBER = "330299199001011220"
PERSON = {"name": "测试甲", "sex": "2", "nation": "01", "birth": "19900101", "number": NUMBER, "from": "20200101"}


@asynccontextmanager
async def url_of(line: str, simulator: Simulator) -> AsyncIterator[str]:
    """`simulator` on a `memory`, `tcp` or `pty` line, as the line part of a device URL."""
    async with AsyncExitStack() as stack:
        if line == "tcp":
            yield f"tcp://127.0.0.1:{await stack.enter_async_context(serve_tcp(simulator))}"
        elif line == "pty":
            yield f"serial://{await stack.enter_async_context(serve_pty(simulator))}?baud=115200"
        else:
            yield "sim:"


class OnALine:
    line = "tcp"

    @asynccontextmanager
    async def transport(self, simulator: Simulator) -> AsyncIterator[ByteTransport]:
        async with url_of(self.line, simulator) as url:
            yield open_transport(url, simulator)


class OnEveryLine(OnALine):
    @pytest.fixture(autouse=True, params=["memory", "tcp", "pty"])
    def _line(self, request: pytest.FixtureRequest) -> None:
        self.line = str(request.param)


class TestSamvReader(OnEveryLine, IdCardConformance):
    @asynccontextmanager
    async def bench(self) -> AsyncIterator[IdCardBench]:
        simulator = SamvSimulator({"one": PERSON})

        def place() -> str:
            simulator.place("one")
            return NUMBER

        fast = {"header_timeout": 0.3, "body_timeout": 0.5, "watchdog": 3.0, "find_interval": 0.02, "settle": 0.01}
        async with self.transport(simulator) as line:
            reader = SamvReader(line, NoDecoder(), **fast)
            yield IdCardBench(reader, simulator.unplug, simulator.plug, place=place, remove=simulator.remove)


class EngineConformance(OnALine, QrScannerConformance):
    dialect = Dialect.PLAIN

    @asynccontextmanager
    async def bench(self) -> AsyncIterator[QrScannerBench]:
        engine = ScanEngineSimulator(self.dialect)
        quick = EngineOptions(dialect=self.dialect, check_within=0.5, retrigger=0.3, lost_end=0.3)
        async with self.transport(engine) as line:
            yield QrScannerBench(
                SerialScanner(line, quick),
                engine.unplug,
                engine.plug,
                show=lambda code: engine.control({"do": "show", "hex": code.hex()}),
                hide=lambda: engine.control({"do": "hide"}),
            )


class TestPlainEngine(OnEveryLine, EngineConformance):
    dialect = Dialect.PLAIN


class TestNewlandEngine(EngineConformance):
    dialect = Dialect.NEWLAND


class TestHoneywellEngine(EngineConformance):
    dialect = Dialect.HONEYWELL


class TestEscposPrinter(OnEveryLine, ReceiptPrinterConformance):
    @asynccontextmanager
    async def bench(self) -> AsyncIterator[ReceiptPrinterBench]:
        machine = EscposSimulator()
        quick = {"stall": 0.4, "job": 4, "settle": 0.05, "speed": 3000, "answer": 0.15, "poll": 0.2}
        async with url_of(self.line, machine) as url:
            yield ReceiptPrinterBench(
                connect_printer(f"escpos+{url}", simulator=machine, **quick),
                machine.unplug,
                machine.plug,
                slips=lambda: len(machine.papers),
                paper_out=lambda: machine.control({"do": "fault", "id": "PRN.PAPER_OUT", "count": None}),
                paper_in=lambda: machine.control({"do": "clear"}),
            )


class TestPermitUnit(OnEveryLine, DeviceConformance[Bench]):
    kind = "permit_unit"

    @asynccontextmanager
    async def bench(self) -> AsyncIterator[Bench]:
        unit = PermitUnitSimulator(speed=2000.0)
        fast = Patience(silence=0.1, tries=3, quick=3, move=5, write=5, print=5, settle=1, poll=0.02)
        async with self.transport(unit) as line:
            yield Bench(PermitUnitDriver(line, patience=fast), unit.unplug, unit.plug)

    async def use(self, bench: Bench, deadline: float) -> object:
        return await bench.device.accept(deadline)
