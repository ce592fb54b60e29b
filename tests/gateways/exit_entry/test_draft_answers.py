"""What the kiosk's client of the desk for drafts sends, and which answers it takes, from servers of all kinds."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import structlog

from kiosk.domain.errors import GatewayUnavailable
from kiosk.domain.identity import Photo
from kiosk.gateways.exit_entry.drafts import PHOTO_BYTES, DraftClient
from kiosk.ports.clock import SHANGHAI
from tests.gateways.drafts import DRAFT, ID, PASSPORT, record
from tests.gateways.halls import FACE, PATIENT
from tests.gateways.liar import answer, speaking


@pytest.mark.parametrize(
    "key", ["", "5F0C2A9BE1D74E4F8F5AD0C3B7A61E92", "../applications", DRAFT + "/", ID, DRAFT + "\n"]
)
async def test_nothing_but_a_key_comes_into_the_address(window, key):
    with pytest.raises(ValueError, match="32 hexadecimal digits"):
        await window.client.submit(key, PASSPORT)
    with pytest.raises(ValueError, match="32 hexadecimal digits"):
        await window.client.withdraw(key)


@pytest.mark.parametrize(
    "photo",
    [
        Photo(FACE.data + bytes(PHOTO_BYTES), "image/jpeg"),
        Photo(b"", "image/jpeg"),
        Photo(b"BM" + bytes(200), "image/bmp"),
    ],
    ids=["large", "empty", "bitmap"],
)
async def test_a_photo_that_does_not_fit_is_left_out(window, photo):
    with structlog.testing.capture_logs() as logs:
        assert await window.client.submit(DRAFT, PASSPORT, photo)
    assert "draft_photo_left_out" in {line["event"] for line in logs}
    assert (window.entry().photo_bytes, window.entry().values["id_no"]) == (0, ID)


async def test_the_largest_photo_goes_through(window):
    photo = Photo(b"\xff\xd8\xff" + bytes(PHOTO_BYTES - 3), "image/jpeg")
    await window.client.submit(DRAFT, PASSPORT, photo)
    assert window.entry().photo_bytes == PHOTO_BYTES


async def test_half_a_surrogate_pair_is_not_sent(window):
    with pytest.raises(GatewayUnavailable, match="UTF-8"):
        await window.client.submit(DRAFT, record("passport", phone="1\ud800"))
    assert window.counts == {}


GOOD: dict[str, Any] = {
    "number": "NB-2026-000017",
    "barcodes": {"barcode_passport": "3302-0017"},
    "appointment": {"number": "A017", "begins": "2026-11-23T01:30:00Z", "window": "7"},
    "expires": "2026-11-28",
}


@asynccontextmanager
async def saying(body: object, status: str = "200 OK", *headers: str) -> AsyncIterator[DraftClient]:
    data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    async with speaking(DraftClient, answer(data, status, *headers), deadlines=PATIENT) as client:
        yield client


@pytest.mark.parametrize("status", ["200 OK", "201 Created"])
async def test_a_good_answer(status):
    async with saying(GOOD, status) as client:
        draft = await client.submit(DRAFT, PASSPORT)
    assert (draft.number, draft.barcodes) == ("NB-2026-000017", {"barcode_passport": "3302-0017"})
    assert draft.appointment is not None
    assert draft.appointment.begins == dt.datetime(2026, 11, 23, 9, 30, tzinfo=SHANGHAI)
    assert draft.expires == dt.date(2026, 11, 28)


@pytest.mark.parametrize(
    "changes",
    [
        {"new_member": {"a": [1]}},
        {"barcodes": {**GOOD["barcodes"], "barcode_tw": "3302-0018"}},
        {"barcodes": {**GOOD["barcodes"], "want_passport": "3302-0018"}},
        {"barcodes": {**GOOD["barcodes"], "id_no": "3302-0018", "X": "3302-0019"}},
        {"appointment": None},
        {"appointment": {"number": "A017", "begins": "2026-11-23T09:30:00+08:00"}},
        {"expires": None},
    ],
)
async def test_bar_codes_of_what_is_not_asked_for_are_passed_over(changes):
    async with saying({**GOOD, **changes}) as client:
        assert (await client.submit(DRAFT, PASSPORT)).barcodes == {"barcode_passport": "3302-0017"}


async def test_a_draft_without_the_bar_code_is_still_one():
    async with saying({**GOOD, "barcodes": {}}) as client:
        assert (await client.submit(DRAFT, PASSPORT)).barcodes == {}
    async with saying(GOOD) as client:
        assert (await client.submit(DRAFT, record("hkmo"))).barcodes == {}


@pytest.mark.parametrize(
    "changes",
    [
        {"number": None},
        {"number": ""},
        {"number": "nb-17"},
        {"number": 330200},
        {"number": "9" * 41},
        {"barcodes": None},
        {"barcodes": []},
        {"barcodes": {"barcode_passport": "330"}},
        {"barcodes": {"barcode_passport": "3" * 25}},
        {"barcodes": {"barcode_passport": "3302 0017"}},
        {"barcodes": {"barcode_passport": "33020017\n"}},
        {"barcodes": {"barcode_passport": "３３０２"}},
        {"barcodes": {"barcode_passport": 33020017}},
        {"barcodes": {"barcode_passport": None}},
        {"barcodes": {"barcode_passport": "33020017", "barcode_tw": "33020017"}},
        {"appointment": "A017"},
        {"appointment": {"number": "A017"}},
        {"appointment": {"number": "A017", "begins": "2026-11-23T09:30:00"}},
        {"appointment": {"number": "A017", "begins": "2026-11-23"}},
        {"appointment": {"number": "A 017", "begins": "2026-11-23T09:30:00+08:00"}},
        {"expires": "28/11/2026"},
        {"expires": 20261128},
    ],
)
async def test_an_answer_that_is_none(changes):
    async with saying({**GOOD, **changes}) as client:
        with pytest.raises(GatewayUnavailable, match="submit_draft"):
            await client.submit(DRAFT, PASSPORT)


@pytest.mark.parametrize("status", ["200 OK", "201 Created", "204 No Content", "404 Not Found", "409 No", "500 Oh"])
@pytest.mark.parametrize("body", [b"", b"{", b"null", b"[]", b"\xff\xfe", b"{}{}"])
async def test_bodies_that_say_nothing(status, body):
    async with saying(body, status) as client:
        with pytest.raises(GatewayUnavailable):
            await client.submit(DRAFT, PASSPORT)


@pytest.mark.parametrize(("status", "body"), [("204 No Content", b""), ("200 OK", b"{}"), ("200 OK", b"")])
async def test_withdrawn_in_other_words(status, body):
    async with saying(body, status) as client:
        await client.withdraw(DRAFT)


async def test_a_log_in_page_has_withdrawn_nothing():
    async with saying(b"<html>", "200 OK", "Content-Type: text/html") as client:
        with pytest.raises(GatewayUnavailable, match="withdraw_draft"):
            await client.withdraw(DRAFT)
