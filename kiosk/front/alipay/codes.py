"""What Alipay's result codes mean for an order. `code` says whether the gateway took the request, `sub_code` why not.

Three kinds of no must not be mixed up: *unknown* (ask again, the effect may be there), *the order's own no* (a sentence for the payer
or for staff) and *ours* (a key, a contract, a limit of the merchant: nobody can pay until somebody mends it).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kiosk.domain.errors import Refused

TAKEN = "10000"
PAYING = "10003"
"""The order is made, the payer must act."""
UNKNOWN = "20000"
FAILED = "40004"
"""A failure of the matter; `sub_code` tells which."""
NOT_ALLOWED = frozenset({"40001", "40002", "40003", "40006"})
"""A parameter is missing or wrong, conditions or rights are: signed, and the request was not carried out."""

NOT_EXIST = "ACQ.TRADE_NOT_EXIST"
CODE_INVALID = "ACQ.PAYMENT_AUTH_CODE_INVALID"
INCONSISTENT = frozenset({"ACQ.CONTEXT_INCONSISTENT", "ACQ.DISCORDANT_REPEAT_REQUEST"})
"""Same number, different content: a mistake of ours."""
NO_BILL = frozenset({"isp.bill_not_exist", "BILL_NOT_EXIST", "isv.bill-not-exist"})
"""Not made yet, or a day without any trade: Alipay says the same. The second is what its documents say, the first what it sends."""

_MISCONFIGURED = frozenset(
    {
        "ACQ.ACCESS_FORBIDDEN",
        "ACQ.PARTNER_ERROR",
        "ACQ.SELLER_BEEN_BLOCKED",
        "ACQ.SELLER_NOT_EXIST",
        "ACQ.ERROR_SELLER_CERTIFY_LEVEL_LIMIT",
        "ACQ.PULL_MOBILE_CASHIER_FAIL",
    }
)
_FOR_STAFF = frozenset(
    {
        "ACQ.SELLER_BALANCE_NOT_ENOUGH",
        "ACQ.TRADE_HAS_FINISHED",
        "ACQ.REASON_TRADE_BEEN_FREEZEN",
        "ACQ.TRADE_NOT_ALLOW_REFUND",
        "ACQ.BUYER_ERROR",
        "ACQ.BUYER_NOT_EXIST",
        "ACQ.REFUND_CHARGE_ERROR",
        "ACQ.ONLINE_TRADE_VOUCHER_NOT_ALLOW_REFUND",
    }
)
"""A refund that will not go through by being asked for again: somebody must pay in, ask Alipay, or pay back by other means."""

_PAYER = ("payer_restricted", "付款账户暂不能付款，请换一种付款方式")
_BALANCE = ("insufficient_balance", "付款账户余额不足，请换一种付款方式")
_LIMIT = ("limit_exceeded", "超过付款账户的限额，请换一种付款方式")
_CLOSED = ("trade_closed", "订单已关闭，请重新下单")
_NOT_FOUND = ("trade_not_found", "订单不存在")
_AMOUNT = ("refund_amount", "退款金额不对")

REFUSALS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        CODE_INVALID: ("payer_code_expired", "付款码已失效，请刷新付款码后重试"),
        "ACQ.SOUNDWAVE_PARSER_FAIL": ("payer_code_invalid", "付款码无法识别，请刷新付款码后重试"),
        "ACQ.BUYER_BALANCE_NOT_ENOUGH": _BALANCE,
        "ACQ.BUYER_BANKCARD_BALANCE_NOT_ENOUGH": _BALANCE,
        "ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR": _LIMIT,
        "ACQ.BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR": _LIMIT,
        "ACQ.BEYOND_PAY_RESTRICTION": _LIMIT,
        "ACQ.TOTAL_FEE_EXCEED": _LIMIT,
        "ACQ.BEYOND_PER_RECEIPT_RESTRICTION": _LIMIT,
        "ACQ.BEYOND_PER_RECEIPT_SINGLE_RESTRICTION": _LIMIT,
        "ACQ.BUYER_ENABLE_STATUS_FORBID": _PAYER,
        "ACQ.ERROR_BUYER_CERTIFY_LEVEL_LIMIT": _PAYER,
        "ACQ.ERROR_BALANCE_PAYMENT_DISABLE": _PAYER,
        "ACQ.NO_PAYMENT_INSTRUMENTS_AVAILABLE": _PAYER,
        "ACQ.PAYMENT_FAIL": _PAYER,
        "ACQ.PAYMENT_REQUEST_HAS_RISK": _PAYER,
        "ACQ.BUYER_SELLER_EQUAL": _PAYER,
        "ACQ.TRADE_BUYER_NOT_MATCH": ("trade_closed", "订单已由他人扫码，请重新下单"),
        "ACQ.TRADE_HAS_CLOSE": _CLOSED,
        "ACQ.TRADE_HAS_SUCCESS": ("already_paid", "订单已付款"),
        NOT_EXIST: _NOT_FOUND,
        "ACQ.TRADE_STATUS_ERROR": ("trade_not_paid", "订单当前状态不能退款"),
        "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL": _AMOUNT,
        "ACQ.REASON_TRADE_REFUND_FEE_ERR": _AMOUNT,
        "ACQ.NOT_ALLOW_PARTIAL_REFUND": _AMOUNT,
    }
)
"""sub_code to the code and sentence that a kiosk is told; all others are `trade_refused`."""


def is_unknown(code: str, sub_code: str) -> bool:
    """The gateway or the system behind it failed (`ACQ.SYSTEM_ERROR`, in places spelt AQC; `aop.unknow-error`): ask, never assume."""
    return code == UNKNOWN or sub_code.upper().endswith("SYSTEM_ERROR") or "unknow" in sub_code.lower()


def is_misconfigured(code: str, sub_code: str) -> bool:
    """The fault is the merchant's contract, key or application, not this order's."""
    return sub_code in _MISCONFIGURED or sub_code.startswith("isv.") or code in NOT_ALLOWED


def is_for_staff(sub_code: str) -> bool:
    return sub_code in _FOR_STAFF


def is_money_short(sub_code: str) -> bool:
    """The merchant's account cannot pay back now; asking again later may help."""
    return sub_code == "ACQ.SELLER_BALANCE_NOT_ENOUGH"


def refusal(code: str, sub_code: str) -> Refused:
    if sub_code in INCONSISTENT:
        return Refused("content_inconsistent", "同一订单号的内容前后不一致")
    if is_misconfigured(code, sub_code):
        return Refused("wallet_misconfigured", "支付宝收款暂不可用，请换一种付款方式")
    return Refused(*REFUSALS.get(sub_code, ("trade_refused", "该订单暂不能支付")))
