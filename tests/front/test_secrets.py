"""No payer code, key or subject in the front's ledger, its logs or its errors."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
import structlog

from kiosk.domain.errors import GatewayUnavailable, Refused
from kiosk.front.states import Kind
from tests.front.hall import DEVICES, PAYER_CODE, SECRET, SUBJECT, hall

SAID = [PAYER_CODE, PAYER_CODE[2:], SUBJECT, SECRET.hex(), *(key.hex() for key in DEVICES.values())]


async def test_nothing_that_is_secret_is_kept_or_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    errors: list[str] = []
    with structlog.testing.capture_logs() as logs:
        async with hall(tmp_path) as pay:
            for number, script, fault in (
                ("A1", {}, ""),
                ("A2", {"refuses": "insufficient_balance"}, ""),
                ("A3", {}, "drop_after"),
                ("A4", {"spoil": "forged"}, ""),
                ("A5", {}, "wrong_types"),
            ):
                pay.script(number, **script)
                if fault:
                    pay.fault(f"charge.{fault}")
                try:
                    await pay.charge(number)
                    await pay.kiosk.close(number)
                except (Refused, GatewayUnavailable) as error:
                    errors.append(f"{error!r} {error.__context__!r}")
            await pay.show("A6")
            everything = repr([await pay.front.store.find(kind) for kind in Kind])
            everything += repr(await pay.front.store.events()) + repr(pay.front.channels)
    files = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.name.startswith("front.db"))
    for text in (*map(repr, logs), caplog.text, *errors, everything, files.decode("utf-8", "replace")):
        for secret in SAID:
            assert secret not in text
