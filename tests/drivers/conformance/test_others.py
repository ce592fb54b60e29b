"""The chip reader and the A4 printer against what all devices have in common."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from drivers.conformance.base import Bench, DeviceConformance
from drivers.document_printer import connect as connect_documents
from drivers.document_printer.simulator import IppSimulator
from drivers.document_printer.testpage import page
from drivers.permit_reader import connect as connect_chips
from drivers.permit_reader.simulator import PermitChipSimulator
from drivers.transport.host import serve_tcp
from drivers.virtual_permit import VirtualPermit
from kiosk.domain.permit import ChipKey
from kiosk.ports.devices import PrintEnd

LINE = "CSCA00000015<3301155<9003071<0"
KEY = ChipKey("CA0000001", "900307", "330115")


class TestPermitReader(DeviceConformance[Bench]):
    kind = "permit_reader"

    @asynccontextmanager
    async def bench(self) -> AsyncIterator[Bench]:
        self.chip = PermitChipSimulator()
        yield Bench(connect_chips("icao+sim:", simulator=self.chip), self.chip.unplug, self.chip.plug)

    async def use(self, bench: Bench, deadline: float) -> object:
        return await bench.device.read(KEY, deadline)

    async def works(self, bench: Bench) -> None:
        number = "330299199003070005"
        self.chip.hold(VirtualPermit(line=LINE, name="张三", surname="ZHANG", given="SAN", sex="M", id_number=number))
        assert (await bench.device.read(KEY, 10)).dg1
        self.chip.hold(None)


class TestDocumentPrinter(DeviceConformance[Bench]):
    kind = "document_printer"

    @asynccontextmanager
    async def bench(self) -> AsyncIterator[Bench]:
        self.jobs = 0
        simulator = IppSimulator()
        async with serve_tcp(simulator) as port:
            url = f"cups://127.0.0.1:{port}/ipp/print?poll=0.02&trouble=0.2&answer=2&watch=0.05"
            printer = connect_documents(url)
            try:
                yield Bench(printer, simulator.unplug, simulator.plug)
            finally:
                await printer.close()

    async def use(self, bench: Bench, deadline: float) -> object:
        return await bench.device.recall("nobody-s", deadline)

    async def works(self, bench: Bench) -> None:
        self.jobs += 1
        outcome = await bench.device.print_pdf(page("conformance"), f"job-{self.jobs}")
        assert outcome.end is PrintEnd.DONE, outcome.detail
