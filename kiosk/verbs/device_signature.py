"""`kiosk device signature-pad sign`: a signature taken on the pad, without the kiosk. Nothing of it is kept but the picture asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.controls import Signature, SignaturePad
from kiosk.verbs.device_words import save
from kiosk.verbs.report import Report

Act = Callable[[], Awaitable[Report]]
QUIET_S = 2.0
"""Without a stroke for so long the signature is done; a pad has no key for that."""
_LOOK_S = 0.1
_DOTS_PER_MM = 10
_PEN_MM = 0.8


def signature_acts(pad: SignaturePad, timeout: float, out: Path | None) -> dict[str, Act]:
    """The verb of the signature pad, besides status and health."""
    return {"sign": lambda: _sign(pad, timeout, out)}


async def _sign(pad: SignaturePad, timeout: float, out: Path | None) -> Report:
    """Raises DeviceError: TIMEOUT (nobody wrote), MEDIA_BAD (a dot or a tick), OFFLINE."""
    await pad.start()
    try:
        await pad.wait_ink(timeout)
        await _until_quiet(pad, timeout)
        signature = await pad.finish()
    finally:
        await pad.cancel()
    points = sum(len(stroke) for stroke in signature.strokes)
    data: dict[str, Any] = {
        "strokes": len(signature.strokes),
        "points": points,
        "seconds": round(signature.strokes[-1][-1].t, 2),
        "width_mm": signature.width_mm,
        "height_mm": signature.height_mm,
        "cut": signature.cut,
    }
    if out is not None:
        await save(out, await asyncio.to_thread(picture, signature))
        data["file"] = str(out)
    text = f"signed: {data['strokes']} strokes, {points} points in {data['seconds']:g} s"
    return Report(data, text + (f", written to {out}" if out else ""), True)


async def _until_quiet(pad: SignaturePad, timeout: float) -> None:
    """Raises DeviceError TIMEOUT where somebody never stops."""
    loop = asyncio.get_running_loop()
    began = changed = loop.time()
    before = pad.ink()
    while loop.time() - changed < QUIET_S:
        await asyncio.sleep(_LOOK_S)
        now = pad.ink()
        if now != before or pad.status().parts.get("surface") == "writing":
            before, changed = now, loop.time()
        if loop.time() - began > timeout + QUIET_S:
            raise DeviceError(ErrorKind.TIMEOUT, pad.device_id, f"The pen was not laid down within {timeout:g} s.")


def picture(signature: Signature) -> bytes:
    """PNG, black on white, the whole surface. Blocking."""
    import io

    from PIL import Image, ImageDraw

    size = (round(signature.width_mm * _DOTS_PER_MM) or 1, round(signature.height_mm * _DOTS_PER_MM) or 1)
    image = Image.new("1", size, 1)
    pen = ImageDraw.Draw(image)
    wide = round(_PEN_MM * _DOTS_PER_MM)
    for stroke in signature.strokes:
        points = [(point.x * _DOTS_PER_MM, point.y * _DOTS_PER_MM) for point in stroke]
        for x, y in points:
            pen.ellipse((x - wide / 2, y - wide / 2, x + wide / 2, y + wide / 2), fill=0)
        pen.line(points, fill=0, width=wide)
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()
