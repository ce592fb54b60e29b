"""WeChat Pay's error codes, and what each says about an order.

The same code is spelt with and without underscores in its documents and answers (ORDERPAID, ORDER_PAID; SYSTEMERROR, SYSTEM_ERROR), so
they are compared without. Only a code on these lists is believed to be a no; a signed answer with any other leaves the matter open.
The words on the right are the payment contract's (`kiosk/gateways/wallet/openapi.yaml`).
"""

from __future__ import annotations

PAYING = frozenset({"USERPAYING"})
"""The payer is asked for a password. Also an answer to close and reverse: ask again."""
GONE = frozenset({"ORDERNOTEXIST", "RESOURCENOTEXISTS", "RESOURCENOTEXIST"})
"""WeChat Pay knows no such order, or no such refund."""
AGAIN = frozenset(
    {
        "SYSTEMERROR", "BANKERROR", "FREQUENCYLIMITED", "FREQUENCYLIMIT", "FREQUENCYLIMITEXCEED", "RATELIMITEXCEEDED", "RATELIMITED",
        "RULELIMIT", "SIGNERROR", "BIZERRNEEDRETRY",
    }
)  # fmt: skip
"""Nothing is said about the order: busy, broken, or our own signature was not understood."""
LATER = frozenset({"STATEMENTCREATING"})
NO_STATEMENT = frozenset({"NOSTATEMENTEXIST", "NOSTATEMENTEXISTS"})

SETUP: dict[str, str] = {
    "APPIDMCHIDNOTMATCH": "wallet_misconfigured",
    "APPIDNOTEXIST": "wallet_misconfigured",
    "MCHNOTEXISTS": "wallet_misconfigured",
    "MCHNOTEXIST": "wallet_misconfigured",
    "MCHIDNOTEXIST": "wallet_misconfigured",
    "NOAUTH": "wallet_misconfigured",
    "INVALIDREQUEST": "bad_request",
    "PARAMERROR": "bad_request",
}
"""The merchant's contract or our request is wrong: for staff."""
SHOW: dict[str, str] = SETUP | {
    "ORDERPAID": "already_paid",
    "ORDERCLOSED": "trade_closed",
    "OUTTRADENOUSED": "content_inconsistent",
    "TRADEERROR": "trade_refused",
}
CHARGE: dict[str, str] = SHOW | {
    "ORDERREVERSED": "trade_closed",
    "AUTHCODEEXPIRE": "payer_code_expired",
    "AUTHCODEEXPIRED": "payer_code_expired",
    "AUTHCODEERROR": "payer_code_invalid",
    "AUTHCODEINVALID": "payer_code_invalid",
    "NOTENOUGH": "insufficient_balance",
    "QUOTAEXCEED": "limit_exceeded",
    "ACCOUNTERROR": "payer_restricted",
    "USERACCOUNTABNORMAL": "payer_restricted",
    "NOTSUPORTCARD": "trade_refused",
    "NOTSUPPORTCARD": "trade_refused",
    "BUYERMISMATCH": "trade_refused",
    "INVALIDTRANSACTION": "trade_refused",
}
REFUND: dict[str, str] = {
    "INVALIDREQUEST": "refund_refused",
    "PARAMERROR": "bad_request",
    "NOTENOUGH": "merchant_balance",
    "RESOURCENOTEXISTS": "trade_not_found",
    "ORDERNOTEXIST": "trade_not_found",
    "TRADEOVERDUE": "refund_too_late",
}
CLOSED_ACCOUNT = frozenset({"USERACCOUNTABNORMAL"})
"""Of a refund: the payer's account is gone. It was not made and never will be; a person must find another way."""
SENTENCES: dict[str, str] = {
    "wallet_misconfigured": "微信支付商户配置有误，请联系维护人员",
    "bad_request": "微信支付不接受该请求，请联系维护人员",
    "already_paid": "该订单已付款",
    "trade_closed": "订单已关闭，请重新下单",
    "content_inconsistent": "同一订单号的内容前后不一致",
    "trade_refused": "付款未成功，请更换付款方式",
    "payer_code_expired": "付款码已失效，请刷新后重试",
    "payer_code_invalid": "付款码无效，请打开微信付款码重试",
    "insufficient_balance": "余额不足，请更换付款方式",
    "limit_exceeded": "超过付款限额，请更换付款方式",
    "payer_restricted": "该账户暂不能付款，请更换付款方式",
    "refund_refused": "微信支付不接受该退款，请人工核对",
    "merchant_balance": "商户余额不足，暂不能退款",
    "undo_refused": "该付款不能撤销，请改为退款",
    "trade_not_found": "订单不存在",
    "refund_too_late": "订单已超过退款期限",
    "bill_not_ready": "账单尚未生成",
}
"""For staff. WeChat Pay's own sentences are not passed on: they may speak of the payer."""


def plain(code: str) -> str:
    return code.upper().replace("_", "")


def show_code(code: str, message: str) -> str | None:
    """What the error code of a new order says, None when it leaves the matter open.

    INVALID_REQUEST also stands for a number that was used with other content ("请求重入时，参数与首次请求时不一致"); its sentence tells.
    """
    said = SHOW.get(plain(code))
    if plain(code) == "INVALIDREQUEST" and ("不一致" in message or "重复" in message):
        return "content_inconsistent"
    return said


def charge_code(code: str, message: str) -> str | None:
    """The same of a charge. AUTH_CODE_INVALID also stands for a code that ran out or was used ("付款码已过期", "仅限使用一次")."""
    said = CHARGE.get(plain(code))
    if said == "payer_code_invalid" and ("过期" in message or "一次" in message):
        return "payer_code_expired"
    return said if said != "bad_request" else show_code(code, message)
