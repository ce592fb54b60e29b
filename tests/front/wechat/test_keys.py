"""Whose signature is believed: public keys, platform certificates, both at once, and their exchange while the front runs."""

from __future__ import annotations

import asyncio
import datetime as dt
from pathlib import Path

import pytest

from kiosk.domain.errors import GatewayUnavailable
from kiosk.front.channel import State
from kiosk.front.wechat.fake_keys import FakeKeys
from tests.front.wechat.conftest import START, Hall

NUMBER = "NB0120261120000017"
CERTIFICATES = pytest.mark.parametrize("hall", [{"certificates": True}], indirect=True)


def _fetched(hall: Hall) -> int:
    return sum(operation == "certificates" for operation, _ in hall.wallet.asked)


async def test_the_public_key_is_asked_for_and_believed(hall: Hall) -> None:
    await hall.channel.show(hall.order())
    assert _fetched(hall) == 0


@CERTIFICATES
async def test_certificates_are_fetched_before_the_first_question(hall: Hall) -> None:
    await hall.channel.show(hall.order())
    assert (await hall.channel.query(NUMBER)).state is State.WAITING
    assert _fetched(hall) == 1


@CERTIFICATES
async def test_many_questions_at_once_wait_for_one_fetching(hall: Hall) -> None:
    standings = await asyncio.gather(*(hall.channel.query(f"NB{count:04d}") for count in range(6)))
    assert {standing.state for standing in standings} == {State.NOT_FOUND}
    assert _fetched(hall) == 1


@CERTIFICATES
async def test_certificates_are_looked_at_again_after_half_a_day(hall: Hall) -> None:
    await hall.channel.query(NUMBER)
    hall.clock.forward(11 * 3600)
    await hall.channel.query(NUMBER)
    assert _fetched(hall) == 1
    hall.clock.forward(2 * 3600)
    await hall.channel.query(NUMBER)
    assert _fetched(hall) == 2


@CERTIFICATES
async def test_a_certificate_shown_beforehand_is_believed_without_asking_again(hall: Hall) -> None:
    await hall.channel.show(hall.order())
    hall.wallet.control({"do": "rotate"})
    assert (await hall.channel.query(NUMBER)).state is State.WAITING
    assert _fetched(hall) == 1


@CERTIFICATES
async def test_a_certificate_that_is_new_is_fetched_in_the_middle_of_a_question(hall: Hall) -> None:
    await hall.channel.show(hall.order())
    hall.clock.forward(61)
    hall.wallet.rotate()
    hall.wallet.rotate(keep=False)  # Made just now: the front has never seen it.
    assert (await hall.channel.query(NUMBER)).state is State.WAITING
    assert _fetched(hall) == 2


@CERTIFICATES
async def test_an_unknown_serial_makes_us_ask_once_a_minute_and_not_once_a_message(hall: Hall) -> None:
    await hall.channel.show(hall.order())
    hall.clock.forward(61)
    hall.script(NUMBER, fault="unknown_serial", on=["query"])
    for _ in range(3):
        with pytest.raises(GatewayUnavailable, match="a key that is not known"):
            await hall.channel.query(NUMBER)
    assert _fetched(hall) == 2


@CERTIFICATES
async def test_certificates_that_come_unsigned_or_forged_are_not_kept(hall: Hall) -> None:
    for fault in ("unsigned", "wrong_signature", "stale", "unknown_serial", "changed_body", "http_500"):
        hall.script(fault=fault, on=["certificates"])
        with pytest.raises(GatewayUnavailable, match="proves nothing"):
            await hall.channel.query(NUMBER)
        hall.clock.forward(61)
    hall.script()
    assert (await hall.channel.query(NUMBER)).state is State.NOT_FOUND


@CERTIFICATES
async def test_certificates_sealed_with_another_key_are_not_kept(hall: Hall, tmp_path: Path) -> None:
    (tmp_path / "other").write_text("x" * 32)
    stranger = hall.reopen(apiv3_key_file=tmp_path / "other")
    with pytest.raises(GatewayUnavailable, match="a key that is not known"):
        await stranger.query(NUMBER)
    await stranger.aclose()


async def test_a_certificate_that_has_run_out_is_believed_no_more(hall: Hall, keys: FakeKeys, tmp_path: Path) -> None:
    (tmp_path / "cert.pem").write_text(keys.certificates[0].certificate)
    channel = hall.reopen(public_keys={}, certificate_files=(tmp_path / "cert.pem",))
    assert (await channel.query(NUMBER)).state is State.NOT_FOUND
    hall.clock.set(START + dt.timedelta(days=5 * 365 + 1))
    with pytest.raises(GatewayUnavailable, match="a key that is not known"):
        await channel.query(NUMBER)
    await channel.aclose()


@pytest.mark.parametrize("hall", [{"fetch_certificates": True}], indirect=True)
@pytest.mark.parametrize("key", ["public_key", "certificate"])
async def test_while_a_merchant_changes_over_both_kinds_sign_notifications(hall: Hall, key: str) -> None:
    await hall.channel.show(hall.order())
    hall.wallet.control({"do": "sign_with", "key": key})
    hall.wallet.control({"do": "pay"})
    await hall.wallet.post.delivered()
    assert [standing.state for standing in hall.letters.believed] == [State.PAID]


@CERTIFICATES
async def test_a_notification_signed_with_a_new_certificate_is_taken_when_it_comes_again(hall: Hall) -> None:
    await hall.channel.show(hall.order())
    hall.clock.forward(61)
    hall.wallet.rotate()
    hall.wallet.rotate(keep=False)
    hall.wallet.control({"do": "sign_with", "key": "certificate"})
    hall.wallet.control({"do": "pay"})
    await hall.wallet.post.delivered()
    assert hall.wallet.post.sent == [(NUMBER, "good", 500)]
    assert hall.channel._learning is not None
    await hall.channel._learning
    hall.wallet.control({"do": "notify", "order_no": NUMBER})
    await hall.wallet.post.delivered()
    assert hall.wallet.post.sent[-1] == (NUMBER, "good", 200)
    assert [standing.state for standing in hall.letters.believed] == [State.PAID]
