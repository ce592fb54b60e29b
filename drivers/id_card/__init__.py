"""ID-card readers. Importing this package loads no device library; `connect` loads what the chosen line needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drivers.id_card.reader import SamvReader
    from drivers.simulator import Simulator


def connect(url: str, *, decoder: str = "none", simulator: Simulator | None = None) -> SamvReader:
    """The reader a settings URL names, not opened yet: samv+serial:///dev/ttyS1?baud=115200, samv+tcp://host:port, samv+sim:.

    `decoder`: none, sim or external:/path/program. Raises ValueError with one sentence when a part is wrong.
    """
    from drivers.id_card.photo import make_decoder
    from drivers.id_card.reader import SamvReader
    from drivers.transport.url import open_transport, split_scheme

    driver, line = split_scheme(url)
    if driver != "samv":
        raise ValueError(f"{url!r} names no ID-card driver; it should look like samv+serial:///dev/ttyS1.")
    scheme = url.partition(":")[0].lower()
    return SamvReader(open_transport(line, simulator), make_decoder(decoder), driver=scheme)
