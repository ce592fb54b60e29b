"""Garbage from the police platform and from the payment front, at every step of the visit."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from kiosk.journeys import till
from kiosk.ledger.states import Kind
from tests.hostile.hall import Visit, hall

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
RAW = {
    "half_head": b"HTTP/1.1 200 O",
    "half_body": OK + b"Content-Length: 4000\r\n\r\n{\"licence_no\": \"3302",
    "html_502": b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 15\r\n\r\n<h1>nginx!</h1>",
    "html_200": b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 15\r\n\r\n<h1>login!</h1>",
    "bad_json": OK + b"Content-Length: 9\r\n\r\n{\"a\":[1,}",
    "nan": OK + b"Content-Length: 3\r\n\r\nNaN",
    "deep": OK + b"Content-Length: 200000\r\n\r\n" + b"[" * 200_000,
    "binary": bytes(range(256)) * 8,
    "nothing": b"",
    "bad_length": OK + b"Content-Length: -5\r\n\r\n{}",
    "bad_chunk": OK + b"Transfer-Encoding: chunked\r\n\r\nZZZ\r\n{}\r\n",
    "endless_head": b"HTTP/1.1 200 OK\r\n" + b"X-Filler: " + b"a" * 200_000,
    "gzip": OK + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
    "code_of_4xx": b"HTTP/1.1 409 Conflict\r\nContent-Type: application/json\r\nContent-Length: 23\r\n\r\n{\"code\": \"<script>{0}\"}",
    "latin": OK + "X-名: 值\r\nContent-Length: 2\r\n\r\n{}".encode("gbk"),
}  # fmt: skip


@asynccontextmanager
async def server(answer: bytes | None) -> AsyncIterator[str]:
    """Says the same to everybody and hangs up; None: says nothing for ever."""
    open_lines: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        open_lines.add(task)
        try:
            await reader.read(4096)
            if answer is None:
                await reader.read()
            else:
                writer.write(answer)
                await writer.drain()
        except OSError:
            return
        finally:
            writer.close()
            open_lines.discard(task)

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listener:
        yield f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/"
        for task in tuple(open_lines):
            task.cancel()
        await asyncio.gather(*open_lines, return_exceptions=True)


def told(visit: Visit, code: str) -> None:
    message = next(m for m in visit.messages() if m.code.startswith(code))
    assert message.body
    assert message.buttons


@pytest.mark.parametrize("answer", [*RAW.values(), None], ids=[*RAW, "silence"])
async def test_a_police_server_that_is_none(tmp_path: Path, answer: bytes | None) -> None:
    async with server(answer) as url, hall(tmp_path, police={"url": url, "connect_s": 0.3, "read_s": 0.3}) as place:
        visit = await place.visit()
        assert visit.ended.outcome == "unavailable"
        told(visit, "N-POLICE")
        assert "remote_unavailable" in place.events()
        assert await place.machine.books.store.find(Kind.ORDER) == []
        await place.in_order()


FAULTS = ("half_answer", "half_head", "garbage", "html_502", "html_200", "malformed_json", "wrong_types", "silence",
          "drop_before", "drop_after", "redirect", "error_500")  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
async def test_decide_once(tmp_path: Path, fault: str) -> None:
    """Whether it took effect is asked; the citizen pays for what was decided, once."""
    async with hall(tmp_path) as place:
        place.tell("police_platform", do="fault", id=f"decide.{fault}")
        visit = await place.visit()
        assert visit.ended.outcome == "paid"
        assert len(place.machine.virtual["police_platform"].world.books.decisions) == 1  # type: ignore[attr-defined]
        await place.in_order()


@pytest.mark.parametrize("fault", ["html_502", "silence", "drop_after", "malformed_json"])
async def test_decide_for_ever(tmp_path: Path, fault: str) -> None:
    """Nobody knows: the slip says so, no money moves, and the sweeper settles it once the platform is back."""
    async with hall(tmp_path) as place:
        place.tell("police_platform", do="fault", id=f"decide.{fault}", count=None)
        place.tell("police_platform", do="fault", id=f"find_decision.{fault}", count=None)
        visit = await place.visit()
        assert visit.ended.outcome == "decision_unknown"
        told(visit, "W-DEC-01")
        assert {"decision_unknown", "remote_unavailable"} <= place.events()
        assert await place.machine.books.store.find(Kind.PAYMENT) == []
        await place.in_order()
        place.tell("police_platform", do="clear")
        await place.served()
        await place.machine.sweeper.sweep()
        await place.in_order()


@pytest.mark.parametrize("fault", ["html_502", "silence", "drop_after", "malformed_json", "half_answer"])
async def test_posting(tmp_path: Path, fault: str) -> None:
    """The money is in; the citizen has a slip; the sweeper posts it, once."""
    async with hall(tmp_path) as place:
        place.tell("police_platform", do="fault", id=f"post_payment.{fault}")
        visit = await place.visit()
        assert visit.ended.outcome == "posted_later"
        assert any("不用再付款" in text for text in visit.said())
        assert "posting_unknown" in place.events()
        await place.in_order()
        await place.machine.sweeper.sweep()
        assert (await place.machine.sweeper.left()).clean
        books = place.machine.virtual["police_platform"].world.books  # type: ignore[attr-defined]
        assert [entry.amount_fen for entry in books.payments.values()] == [10000]
        await place.in_order()
        await place.served()


@pytest.mark.parametrize("operation", ["identify", "vehicles", "open_records"])
@pytest.mark.parametrize("fault", ["silence", "malformed_json", "wrong_types", "huge"])
async def test_questions(tmp_path: Path, operation: str, fault: str) -> None:
    async with hall(tmp_path) as place:
        place.tell("police_platform", do="fault", id=f"{operation}.{fault}", count=None)
        visit = await place.visit()
        assert visit.ended.outcome == "unavailable"
        told(visit, "N-POLICE")
        place.tell("police_platform", do="clear")
        await place.served()


async def test_a_refusal_is_not_called_a_broken_line(tmp_path: Path) -> None:
    async with hall(tmp_path) as place:
        reader = place.machine.virtual["id_card"]
        persons = reader.persons  # type: ignore[attr-defined]
        persons[place.people[0].name] = {**persons[place.people[0].name], "name": "另一个名字"}
        visit = await place.visit()
        assert visit.ended.outcome == "unavailable"
        told(visit, "R-")
        assert "连不上" not in "".join(visit.said())


CREATE = ("forged_signature", "stale_timestamp", "half_answer", "wrong_order", "unsigned", "doubled", "malformed",
          "drop_before", "drop_after", "timeout_before", "timeout_after", "http_502_page", "wrong_status", "refused")  # fmt: skip


@pytest.mark.parametrize("fault", CREATE)
async def test_wallet_at_create(tmp_path: Path, fault: str) -> None:
    """No code that cannot be trusted is shown; nothing is taken; the decision stands and can be paid later."""
    async with hall(tmp_path) as place:
        place.tell("wallet", do="script", preset="never", fault=fault, on=["create"])
        visit = await place.visit()
        assert visit.ended.outcome in ("unpaid", "payment_unknown")
        told(visit, "N-PAY")
        assert sum(place.machine.virtual["wallet"].ledger.totals().values()) == 0  # type: ignore[attr-defined]
        assert {"payment_unknown"} <= place.events() or fault == "refused"
        await place.in_order()
        place.tell("wallet", do="script", preset="pays", seconds=0)
        await place.served()


@pytest.mark.parametrize(
    "fault",
    ["forged_signature", "stale_timestamp", "half_answer", "wrong_order", "timeout_before", "drop_after", "unsigned"],
)
async def test_wallet_at_query(tmp_path: Path, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The citizen pays, and nobody can say so: unknown, never paid; the sweeper finds out."""
    monkeypatch.setattr(till, "UNKNOWN_S", 0.3)
    async with hall(tmp_path, wallet={"code_s": 1.0, "read_s": 0.1, "connect_s": 0.1}) as place:
        place.tell("wallet", do="script", preset="pays", seconds=0, fault=fault, on=["query", "close"])
        visit = await place.visit()
        assert visit.ended.outcome == "payment_unknown"
        assert any("不要重复付款" in text for text in visit.said())
        assert "payment_close_unknown" in place.events()
        await place.in_order()
        place.tell("wallet", do="script", order_no=f"{visit.ended.order_no}P1", preset="pays", seconds=0)
        await place.machine.sweeper.sweep()
        assert (await place.machine.sweeper.left()).clean
        assert [p.state for p in await place.machine.books.store.find(Kind.PAYMENT)] == ["paid"]
        await place.in_order()


@pytest.mark.parametrize("off", [-1, 1, 10_000])
async def test_another_amount_was_paid(tmp_path: Path, off: int) -> None:
    async with hall(tmp_path) as place:
        place.tell("wallet", do="script", preset="pays", seconds=0, amount_off=off)
        visit = await place.visit()
        assert visit.ended.outcome == "amount_alarm"
        assert "payment_does_not_fit" in place.events()
        assert await place.machine.books.store.find(Kind.POSTING) == []
        await place.in_order()
        place.tell("wallet", do="script", preset="pays", seconds=0)
        await place.served()


async def test_a_front_that_names_a_far_end_does_not_hold_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The code's life is ours to say: a front with a wrong clock must not keep the page open for a century."""
    import datetime as dt

    from kiosk.gateways.wallet.client import WalletClient
    from kiosk.ports.wallet import Code

    create = WalletClient.create

    async def far(self: WalletClient, order_no: str, amount_fen: int, subject: str, expires_in: float) -> Code:
        code = await create(self, order_no, amount_fen, subject, expires_in)
        return Code(code.order_no, code.payload, code.expires_at + dt.timedelta(days=36500))

    monkeypatch.setattr(WalletClient, "create", far)
    async with hall(tmp_path) as place:
        place.tell("wallet", do="script", preset="never")
        visit = await place.visit(within=10)
        assert visit.ended.outcome == "unpaid"


@pytest.mark.parametrize("answer", [*RAW.values(), None], ids=[*RAW, "silence"])
async def test_a_payment_front_that_is_none(tmp_path: Path, answer: bytes | None) -> None:
    key, public = tmp_path / "device.key", tmp_path / "front.pub"
    key.write_text("11" * 32)
    public.write_text("22" * 32)
    async with server(answer) as url:
        till = {"url": url, "device_key_file": key, "public_key_file": public, "connect_s": 0.1, "read_s": 0.1}
        async with hall(tmp_path, wallet=till) as place:
            visit = await place.visit()
            assert visit.ended.outcome == "payment_unknown"
            told(visit, "N-PAY")
            await place.in_order()


@pytest.mark.parametrize("payload", ["", "x" * 1025, "码" * 1024, "a\nb", "\ud800", 7, None, ["x"]], ids=range(8))
def test_a_code_that_cannot_be_drawn_is_no_code(payload: object) -> None:
    from kiosk.gateways.wallet import answers
    from kiosk.ports.wallet import TradeState

    body = {"order_no": "A", "state": str(TradeState.WAITING), "amount_fen": 1, "code_payload": payload,
            "expires_at": "2026-01-01T00:00:00+08:00"}  # fmt: skip
    with pytest.raises(answers.AnswerError, match="no code"):
        answers.read_code(body, "A", 1)
    assert answers.read_code({**body, "code_payload": "码" * 341}, "A", 1).payload
