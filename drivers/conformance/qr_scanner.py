"""What every code scanner must do (`kiosk.ports.devices.QrScanner`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from drivers.conformance.base import PATIENCE, Bench, DeviceConformance, during
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.devices import Scan


@dataclass
class QrScannerBench(Bench):
    """`show` holds a code with these bytes before the window until `hide` takes it away."""

    show: Callable[[bytes], object] = field(kw_only=True)
    hide: Callable[[], object] = field(kw_only=True)


class QrScannerConformance(DeviceConformance[QrScannerBench]):
    kind = "qr_scanner"
    gone_after: float = 1.7
    """Seconds without a code after which the same code counts as shown anew."""

    async def use(self, bench: QrScannerBench, deadline: float) -> object:
        return await bench.device.scan(deadline)

    async def works(self, bench: QrScannerBench) -> None:
        scan = await during(bench.device.scan(PATIENCE), lambda: bench.show(b"ONETRIP WORKS"))
        assert scan.raw == b"ONETRIP WORKS"
        bench.hide()

    async def test_no_code_is_a_timeout(self) -> None:
        async with self.at_bench() as bench:
            await bench.device.open()
            for deadline in (0.3, 0.0):
                with pytest.raises(DeviceError) as caught:
                    await bench.device.scan(deadline)
                assert caught.value.kind is ErrorKind.TIMEOUT
            await bench.device.close()

    @pytest.mark.parametrize("code", [b"ONETRIP", "宁波市民码".encode(), "宁波市民码".encode("gb18030"), b"x" * 300])
    async def test_reads_a_code(self, code: bytes) -> None:
        async with self.at_bench() as bench:
            await bench.device.open()
            scan = await during(bench.device.scan(PATIENCE), lambda: bench.show(code))
            assert isinstance(scan, Scan)
            assert scan.raw == code
            assert scan.text in (code.decode("utf-8", "replace"), code.decode("gb18030", "replace"))
            assert scan.symbology
            assert scan.at.tzinfo is not None
            assert repr(scan.raw) not in repr(scan)
            await bench.device.close()

    async def test_a_code_that_stays_in_view_is_given_once_and_the_next_one_too(self) -> None:
        async with self.at_bench() as bench:
            await bench.device.open()
            assert (await during(bench.device.scan(PATIENCE), lambda: bench.show(b"FIRST"))).raw == b"FIRST"
            with pytest.raises(DeviceError) as caught:
                await bench.device.scan(0.5)
            assert caught.value.kind is ErrorKind.TIMEOUT
            bench.hide()
            assert (await during(bench.device.scan(PATIENCE), lambda: bench.show(b"SECOND"))).raw == b"SECOND"
            await bench.device.close()

    async def test_the_status_says_when_it_is_at_work(self) -> None:
        async with self.at_bench() as bench:
            await bench.device.open()
            scan = await during(bench.device.scan(PATIENCE), lambda: bench.show(b"ONE"))
            assert scan.raw not in repr(bench.device.status()).encode()
            await bench.device.close()
