"""Motor card units for travel permits. Importing this package loads nothing heavy; `connect` loads what the chosen line needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drivers.permit_unit.driver import PermitUnitDriver
    from drivers.permit_unit.writer import EndorsementWriter
    from drivers.simulator import Simulator


def connect(
    url: str, *, simulator: Simulator | None = None, writer: EndorsementWriter | None = None
) -> PermitUnitDriver:
    """The unit a settings URL names, not opened yet.

        cardunit+serial:///dev/ttyS3?baud=115200    cardunit+tcp://host:port    cardunit+sim:

    `cardunit+sim:` makes its own simulator where none is given. `writer`: the issuing authority's own chip writer; without one the
    unit's is used. Raises ValueError with one sentence for a wrong URL.
    """
    from drivers.permit_unit.driver import PermitUnitDriver
    from drivers.transport.url import open_transport, split_scheme

    driver, line = split_scheme(url)
    if driver != "cardunit":
        raise ValueError(f"{url!r} names no permit unit; it should look like cardunit+serial:///dev/ttyS3.")
    if line.partition(":")[0] not in ("serial", "tcp", "sim", "replay"):
        raise ValueError(
            f"{url!r} is not a line of a permit unit; known are cardunit+serial, cardunit+tcp, cardunit+sim."
        )
    if line.startswith("sim:") and simulator is None:
        from drivers.permit_unit.simulator import PermitUnitSimulator

        simulator = PermitUnitSimulator()
    scheme = url.partition(":")[0].lower()
    return PermitUnitDriver(open_transport(line, simulator), driver=scheme, writer=writer)
