"""The page a phone opens when it scans the fake WeChat Pay's code, where the fake was told how phones reach it."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from kiosk.front.wechat.fake_ledger import FakeLedger, WalletRefusal
from kiosk.gateways.wallet.fake_page import end_page, pay_page

_HEADERS = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'", "Cache-Control": "no-store"}


class PayPages:
    """GET shows what is to be paid, POST pays it. `/pay/{token}`: the token is the one in the order's code."""

    def __init__(self, ledger: FakeLedger, changed: Callable[[], None]) -> None:
        self._ledger, self._changed = ledger, changed
        self.routes = [Route("/pay/{token}", self._page, methods=["GET", "POST"])]

    async def _page(self, request: Request) -> Response:
        ending = "/" + request.path_params["token"]
        order = next((each for each in self._ledger.orders() if each.code_url.endswith(ending)), None)
        if order is None:
            return HTMLResponse(end_page("没有这个订单。"), 404, _HEADERS)
        if request.method == "POST":
            try:
                self._ledger.pay(order.number)
            except WalletRefusal as refusal:
                return HTMLResponse(end_page(refusal.message + "。"), refusal.status, _HEADERS)
            self._changed()
        if order.state == "NOTPAY":
            return HTMLResponse(pay_page(order.subject, order.asked_fen), 200, _HEADERS)
        if order.state == "SUCCESS":
            return HTMLResponse(end_page("已付款，请回到自助机继续办理。", order.paid_fen), 200, _HEADERS)
        return HTMLResponse(end_page("二维码已失效，请在自助机上重新获取。"), 200, _HEADERS)
