"""What every driver must do, as tests that another maker can run on theirs: `from drivers.conformance.id_card import IdCardConformance`.

    class TestAcme(IdCardConformance):
        @asynccontextmanager
        async def bench(self):
            simulator = AcmeSimulator()
            async with serve_tcp(simulator) as port:
                yield IdCardBench(connect(f"acme+tcp://127.0.0.1:{port}"), place=simulator.place, …)

Needs pytest and pytest-asyncio, which the kiosk itself does not; nothing else in the house imports this package. docs/drivers.md.
"""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite(
    "drivers.conformance.base",
    "drivers.conformance.camera",
    "drivers.conformance.id_card",
    "drivers.conformance.qr_scanner",
    "drivers.conformance.receipt_printer",
    "drivers.conformance.recorder",
)
