"""Waiting for a print service that is gone."""

from __future__ import annotations

import asyncio

import structlog

from drivers.document_printer.client import IppClient, Place, reachable
from kiosk.domain.errors import DeviceError

_KNOCK_S = 0.5
log = structlog.get_logger(__name__)


async def answers_again(place: Place, device: str, answer_s: float) -> None:
    """Returns once the service answers and knows the queue; it is asked every half second."""
    client = IppClient(place, device)
    while True:
        await asyncio.sleep(_KNOCK_S)
        if not await reachable(place, answer_s):
            continue
        try:
            await client.printer(answer_s)
        except DeviceError as error:
            log.debug("print_service_not_ready", device=device, kind=error.kind, native=error.native)
        else:
            return
