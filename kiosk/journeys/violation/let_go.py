"""What this visit has at the platform and nobody waits for any more is given back: records that are held, an owner who was asked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

import structlog

from kiosk.domain.errors import GatewayUnavailable, Refused

log = structlog.get_logger(__name__)
LET_GO_S = 2.0
"""The next citizen is not kept waiting for it."""


async def let_go_soon(call: Awaitable[object], what: str) -> None:
    """Await it for two seconds at most. Where it fails the platform ends it by itself; `what` it was stands in the log."""
    try:
        async with asyncio.timeout(LET_GO_S):
            await call
    except (GatewayUnavailable, Refused, TimeoutError) as trouble:
        log.warning("not_given_back", what=what, error=type(trouble).__name__)
