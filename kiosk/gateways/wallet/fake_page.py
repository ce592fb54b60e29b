"""The page a phone opens when it scans the fake wallet's code: what is paid, and one button."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from kiosk.gateways.wallet.fake_ledger import Entry, FakeLedger, LedgerRefusal
from kiosk.ports.wallet import TradeState

_HEADERS = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'", "Cache-Control": "no-store"}

_FRAME = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>模拟付款</title><style>
body{{margin:0;font:18px/1.6 system-ui,"Noto Sans CJK SC",sans-serif;background:#f3f5f8;color:#1a2233}}
main{{max-width:420px;margin:8vh auto 0;padding:32px 24px;background:#fff;border-radius:16px;text-align:center}}
h1{{font-size:20px;margin:0 0 8px}}.sum{{font-size:44px;font-weight:600;margin:16px 0}}
p{{margin:8px 0;color:#4a5568}}button{{width:100%;min-height:56px;margin-top:24px;border:0;border-radius:12px;
background:#1257c9;color:#fff;font-size:20px}}.note{{font-size:14px;margin-top:24px}}
</style></head><body><main><h1>模拟付款</h1>{body}
<p class="note">这是测试用的模拟付款页面，不会产生真实扣款。</p></main></body></html>"""


def yuan(fen: int) -> str:
    return f"¥{fen // 100:,}.{fen % 100:02d}"


def pay_page(subject: str, fen: int) -> str:
    return _FRAME.format(
        body=f'<p>{escape(subject)}</p><div class="sum">{yuan(fen)}</div>'
        '<form method="post"><button type="submit">确认付款</button></form>'
    )


def end_page(title: str, fen: int | None = None) -> str:
    amount = "" if fen is None else f'<div class="sum">{yuan(fen)}</div>'
    return _FRAME.format(body=f"{amount}<p>{escape(title)}</p>")


class PayPages:
    """GET shows what is to be paid, POST pays it."""

    def __init__(self, ledger: FakeLedger, changed: Callable[[], None]) -> None:
        self._ledger = ledger
        self._changed = changed
        self.routes = [
            Route("/pay/{token}", self._show, methods=["GET"]),
            Route("/pay/{token}", self._pay, methods=["POST"]),
        ]

    async def _show(self, request: Request) -> Response:
        entry = self._ledger.by_token(request.path_params["token"])
        if entry is None:
            return _page(end_page("没有这个订单。"), 404)
        if entry.state is TradeState.WAITING:
            return _page(pay_page(entry.subject, entry.asked_fen))
        return _page(_ended(entry))

    async def _pay(self, request: Request) -> Response:
        entry = self._ledger.by_token(request.path_params["token"])
        if entry is None:
            return _page(end_page("没有这个订单。"), 404)
        try:
            self._ledger.pay(entry.order_no)
        except LedgerRefusal as refusal:
            return _page(end_page(refusal.message + "。"), refusal.status)
        self._changed()
        return _page(_ended(entry))


def _page(html: str, status: int = 200) -> Response:
    return HTMLResponse(html, status, _HEADERS)


def _ended(entry: Entry) -> str:
    if entry.state is TradeState.PAID:
        return end_page("已付款，请回到自助机继续办理。", entry.paid_fen)
    if entry.state is TradeState.REFUNDED:
        return end_page("已退款。", entry.paid_fen)
    return end_page("二维码已失效，请在自助机上重新获取。")
