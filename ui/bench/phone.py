"""The citizen's phone: the orders the wallet waits for, paying the newest, and the script by which payments come about."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from ui.bench.link import DeviceLink
from ui.bench.look import Choice, Look, Number, Panel, button, icon_button, label, row
from ui.bench.texts import ORDER_STATES, PRESETS, TIMED_PRESETS, yuan

_SHOWN = 3
_FAULTS = (
    ("none", "正常回答"),
    ("http_500", "回答500，未执行"),
    ("http_502_page", "已执行，回答502网页"),
    ("timeout_before", "不回答，未执行"),
    ("timeout_after", "已执行，不回答"),
    ("drop_before", "断线，未执行"),
    ("drop_after", "已执行，断线"),
    ("half_answer", "回答到一半断线"),
    ("duplicate", "重发上一次的回答"),
    ("doubled", "一次两份回答"),
    ("unsigned", "回答没有签名"),
    ("forged_signature", "签名是别人的"),
    ("stale_timestamp", "签名是十分钟前的"),
    ("wrong_order", "回答的订单号不对"),
    ("wrong_status", "拒绝的内容，状态却是200"),
    ("malformed", "金额和状态无法理解"),
    ("refused", "拒绝，未执行"),
)
_ON = (
    ("all", "所有请求"),
    ("create", "下单"),
    ("charge", "扫付款码"),
    ("query", "查询"),
    ("close", "关单"),
    ("refund", "退款"),
)
_TIMES = (("1", "第一次"), ("3", "前三次"), ("", "每一次"))


class PhonePanel(Panel):
    def __init__(self, look: Look, link: DeviceLink) -> None:
        super().__init__(look, "phone", "手机支付", "phone")
        self._link = link
        self._open = self.pill("open")
        self._amount = label("—", "amount", name="bench.phone.amount")
        self._newest = label("没有待付款的订单", "muted", name="bench.phone.newest")
        self._pay = icon_button(look, button("bench.phone.pay", "用手机付款", "primary"), "phone")
        self._pay.setMinimumWidth(160)
        self._pay.clicked.connect(self._on_pay)
        self._earlier = label("", "muted", name="bench.phone.earlier", wrap=True)
        self._preset = Choice("bench.phone.preset", "付款人怎样付款", tuple(PRESETS.items()))
        self._seconds = Number("bench.phone.seconds", "几秒以后付款", 0, 3600, 3)
        self._fault = Choice("bench.phone.fault", "支付系统怎样回答", _FAULTS)
        self._on = Choice("bench.phone.on", "对哪种请求出错", _ON)
        self._times = Choice("bench.phone.times", "出错几次", _TIMES)
        self._preset.chosen.connect(self._on_preset)
        self._seconds.valueChanged.connect(self._send)
        for choice in (self._fault, self._on, self._times):
            choice.chosen.connect(self._send)

        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addWidget(self._amount)
        texts.addWidget(self._newest)
        top = QHBoxLayout()
        top.addLayout(texts, 1)
        top.addWidget(self._pay)
        self.body.addLayout(top)
        self.body.addWidget(self._earlier)
        self._preset.setMinimumWidth(260)
        self.body.addLayout(row(_caption("付款人"), self._preset, self._seconds, 1))
        self.body.addLayout(row(_caption("回答"), self._fault, self._on, self._times, 1))
        link.changed.connect(self._follow)

    @property
    def ticking(self) -> bool:
        """Whether something here changes with time alone."""
        return any(order.get("state") == "waiting" for order in self._link.state.get("orders", ()))

    def _on_pay(self) -> None:
        order = self._waiting()
        if order is not None:
            self._link.do({"do": "pay", "order_no": order["order_no"]}, f"手机已付款{yuan(int(order['amount_fen']))}")

    def _waiting(self) -> dict[str, Any] | None:
        waiting = [order for order in self._link.state.get("orders", ()) if order["state"] == "waiting"]
        return waiting[-1] if waiting else None

    def _on_preset(self, preset: str) -> None:
        """A preset brings its own answers and seconds; what was chosen for the one before does not stay."""
        if self._link.do({"do": "script", "preset": preset}, PRESETS.get(preset, preset)) is not None:
            self._link.refresh()

    def _send(self) -> None:
        on, times = self._on.value, self._times.value
        fields: dict[str, Any] = {"preset": self._preset.value, "fault": self._fault.value}
        if self._preset.value in TIMED_PRESETS:
            fields["seconds"] = self._seconds.value()
        if on != "all":
            fields["on"] = [on]
        else:
            fields["on"] = [value for value, _ in _ON if value != "all"]
        fields["times"] = int(times) if times else None
        self._link.do({"do": "script", **fields}, f"{self._preset.currentText()}；{self._fault.currentText()}")

    def _follow(self) -> None:
        state = self._link.state
        orders = list(state.get("orders", ()))
        waiting = self._waiting()
        count = sum(order["state"] == "waiting" for order in orders)
        self._open.say(f"{count} 笔待付款" if count else "没有待付款", "info" if count else "plain")
        self._pay.setEnabled(waiting is not None)
        if waiting is None:
            self._amount.setText("—")
            self._newest.setText("没有待付款的订单；机器显示付款码以后，这里可以付款")
        else:
            self._amount.setText(yuan(int(waiting["amount_fen"])))
            self._newest.setText(f"订单 …{waiting['order_no'][-12:]}，还有 {waiting['expires_in_s']} 秒可付")
        others = [order for order in reversed(orders) if order is not waiting][:_SHOWN]
        self._earlier.setText("\n".join(_line(order) for order in others))
        self._earlier.setVisible(bool(others))
        self._show_script(state.get("default_script", {}))

    def _show_script(self, script: dict[str, Any]) -> None:
        """Somebody else (a scenario, a test) may have changed it."""
        if not script or self._seconds.hasFocus():
            return
        preset = _preset_of(script)
        self._preset.show_value(preset)
        self._seconds.setEnabled(preset in TIMED_PRESETS)
        blocked = self._seconds.blockSignals(True)
        self._seconds.setValue(round(float(script.get("seconds", 0))))
        self._seconds.blockSignals(blocked)
        self._fault.show_value(str(script.get("fault", "none")))
        on = list(script.get("on", ()))
        self._on.show_value(on[0] if len(on) == 1 else "all")
        self._times.show_value("" if script.get("times") is None else str(script["times"]))
        faulty = script.get("fault", "none") != "none"
        self._on.setEnabled(faulty)
        self._times.setEnabled(faulty)


def _caption(text: str) -> Any:
    made = label(text)
    made.setFixedWidth(52)
    return made


def _line(order: dict[str, Any]) -> str:
    state = ORDER_STATES.get(order["state"], order["state"])
    paid = int(order.get("paid_fen", 0))
    differs = f"，实付{yuan(paid)}" if paid and paid != order["amount_fen"] else ""
    return f"…{order['order_no'][-12:]}　{yuan(int(order['amount_fen']))}　{state}{differs}"


def _preset_of(script: dict[str, Any]) -> str:
    """The preset a script looks like: the state tells the script's fields, not where they came from."""
    payer, fault, times = script.get("payer"), script.get("fault", "none"), script.get("times")
    asks = list(script.get("on", ())) == ["query"]
    if payer == "after":
        if asks and times == 3 and fault in ("http_500", "timeout_before"):
            return "unknown" if fault == "http_500" else "silent"
        return "wrong_amount" if script.get("amount_off") else "pays"
    if refuses := script.get("refuses"):
        return "no_balance" if refuses == "insufficient_balance" else "code_expired"
    names = {
        "late": "late",
        "never": "never",
        "at_close": "pays_at_close",
        "after_close": "pays_after_close",
        "says_no": "says_no",
    }
    return names.get(str(payer), "human")
