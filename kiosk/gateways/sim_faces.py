"""The photo on file and the comparison of faces, as every simulated platform that knows people offers them."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from kiosk.gateways.sim_server import Asked, SimRefusal, json_answer, read_body

Portrait = Callable[[int], bytes]
"""Draws the face of a seed, JPEG or PNG, so that it can look like the person before the simulated camera."""
Verdict = tuple[str, float | None]

IdNumber = Annotated[str, Field(pattern=r"^[0-9A-Z]{15,18}$")]
_SCORES = {"same": 0.87, "different": 0.11, "undecided": None}
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG", b"BM")


class Person(Asked):
    id_number: IdNumber


class Picture(Asked):
    media_type: Literal["image/jpeg", "image/png", "image/bmp"]
    data: Annotated[str, Field(min_length=16)]
    """Base64 (RFC 4648 section 4)."""


class MatchFace(Person):
    photo: Picture


def scripted_verdict(verdict: str = "undecided") -> Verdict:
    """Verdict and score as scripted: nobody can tell drawn faces apart better than their script."""
    return verdict, _SCORES[verdict]


async def photo_answer(seed: int, portrait: Portrait | None) -> Response:
    """The photo on file of a face seed; a plain drawn head without `portrait`."""
    data = await asyncio.to_thread(portrait or _plain_head, seed)
    return Response(data, media_type="image/png" if data.startswith(b"\x89PNG") else "image/jpeg")


def _plain_head(seed: int) -> bytes:
    from kiosk.gateways.sim_portrait import draw_portrait  # Pillow comes with it: only when a face is wanted

    return draw_portrait(seed)


async def match_answer(request: Request, verdict_of: Callable[[str], Verdict]) -> Response:
    """The comparison of the photo that came with whom `verdict_of` knows by that ID number."""
    body = await read_body(MatchFace, request)
    try:
        photo = base64.b64decode(body.photo.data, validate=True)
    except binascii.Error:
        photo = b""
    if not photo.startswith(_PICTURES):
        raise SimRefusal(422, "bad_picture", "照片无法识别")
    verdict, score = verdict_of(body.id_number)
    return json_answer({"verdict": verdict, "score": score})
