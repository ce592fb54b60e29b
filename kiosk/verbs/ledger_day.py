"""`kiosk ledger day-end`: the end-of-day slip, on the terminal or on the receipt printer."""

from __future__ import annotations

import datetime as dt
from typing import cast

from config.settings import Settings
from kiosk.domain.day_end_slip import day_end_slip
from kiosk.domain.errors import DeviceError
from kiosk.domain.slip import Pair, Rule, Slip, Text
from kiosk.ledger.reconcile_slip import day_end_data
from kiosk.ports.clock import Clock, SystemClock
from kiosk.ports.devices import PrintEnd, ReceiptPrinter
from kiosk.verbs.ledger_file import opened, refused
from kiosk.verbs.report import Report

_WIDTH = 48


async def day_end(settings: Settings, day: dt.date | None, *, on_paper: bool, clock: Clock | None = None) -> Report:
    clock = clock or SystemClock()
    async with opened(settings, clock) as store:
        slip_data = await day_end_data(
            store, settings.kiosk.id, settings.kiosk.hall, day or clock.now().date(), clock.now()
        )
    slip = day_end_slip(slip_data)
    data = {"version": 1, "good": True, "day": slip_data.day.isoformat(), "printed": on_paper, "text": as_lines(slip)}
    if not on_paper:
        return Report(data, "\n".join(as_lines(slip)), True)
    return await _print(settings, slip, data)


def as_lines(slip: Slip) -> list[str]:
    """The slip on a terminal."""
    lines = []
    for block in slip.blocks:
        match block:
            case Text(text):
                lines.append(text)
            case Pair(label, value):
                lines.append(f"{label}：{value}")
            case Rule():
                lines.append("-" * _WIDTH)
    return lines


async def _print(settings: Settings, slip: Slip, data: dict[str, object]) -> Report:
    """On the receipt printer, which must not be in another program's hands (the kiosk's, most of all)."""
    from kiosk.cabinet import build_devices
    from kiosk.verbs.alone import alone_with, real_url

    with alone_with(real_url("receipt_printer", settings.devices.receipt_printer)):
        printer = cast(ReceiptPrinter, build_devices(settings).by_name["receipt_printer"])
        try:
            await printer.open()
            outcome = await printer.print_slip(slip, f"day-end-{data['day']}")
        except DeviceError as error:
            return refused(f"receipt_printer: {error.kind}: {error.hint}")
        finally:
            await printer.close()
    good = outcome.end is PrintEnd.DONE
    told = {**data, "good": good, "end": str(outcome.end)}
    return Report(told, f"the slip of {data['day']}: {outcome.end}", good)
