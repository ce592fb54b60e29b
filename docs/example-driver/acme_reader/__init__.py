"""ACME-1 identity card readers. This module is loaded when the kiosk looks for drivers, so it imports nothing that is heavy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drivers.registry import DriverKind
from drivers.transport.url import open_transport, split_scheme

if TYPE_CHECKING:
    from acme_reader.mask import AcmeMasker
    from acme_reader.reader import AcmeReader

PORT, BAUD = 7100, 19200


def driver() -> DriverKind:
    """What the entry point leads to."""
    schemes = ("acme+serial", "acme+tcp", "acme+sim", "acme+replay")
    return DriverKind("id_card", schemes, connect, "ACME-1 readers", masker)


def connect(url: str, **context: object) -> AcmeReader:
    """The reader behind a settings URL, not opened yet. Raises ValueError with one sentence for a URL that makes no sense."""
    del context  # columns, decoder …: nothing of it concerns this reader
    from acme_reader.reader import AcmeReader
    from acme_reader.simulator import AcmeSimulator

    scheme, line = url.partition(":")[0].lower(), split_scheme(url)[1]
    simulator = AcmeSimulator() if scheme == "acme+sim" else None
    return AcmeReader(open_transport(line, simulator, default_port=PORT, default_baud=BAUD), driver=scheme)


def masker() -> AcmeMasker:
    from acme_reader.mask import AcmeMasker

    return AcmeMasker()
