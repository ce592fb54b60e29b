"""Readers of the permit's chip. Importing this package loads no device library; `connect` loads what the chosen reader needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drivers.permit_reader.reader import PermitChipReader
    from drivers.simulator import Simulator


def connect(url: str, *, simulator: Simulator | None = None) -> PermitChipReader:
    """The reader a settings URL names, not opened yet.

    icao+pcsc: (the first PC/SC reader that has a card) · icao+pcsc:PART OF A READER'S NAME · icao+sim: (needs a simulator).
    Raises ValueError with one sentence when a part is wrong.
    """
    from drivers.permit_reader.reader import PermitChipReader

    scheme, colon, rest = url.partition(":")
    scheme = scheme.lower()
    if colon and scheme == "icao+sim":
        if rest.strip("/"):
            raise ValueError(f"{url!r} says more than the simulated reader knows; it should be icao+sim:.")
        if simulator is None:
            raise ValueError(f"{url!r} needs a simulator, and there is none here.")
        from drivers.permit_reader.sim import SimChannel

        return PermitChipReader(SimChannel(simulator), driver=scheme)
    if colon and scheme == "icao+pcsc":
        from urllib.parse import unquote

        from drivers.permit_reader.pcsc import PcscChannel

        return PermitChipReader(PcscChannel(unquote(rest).strip("/ ")), driver=scheme)
    raise ValueError(f"{url!r} names no permit reader; it should look like icao+pcsc: or icao+sim:.")
