"""Rules of paying a decision by its number: what was typed or scanned, what the cashier answered, and what stands in the way.

To add one, put a `Rule` into its table: the first that applies counts. What the citizen may do next stands in `NEXT`; a rule that is
not there sends to the window.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Literal

from config.tables import Rules
from kiosk.domain.errors import Refusal
from kiosk.domain.fine import FineState, PayableFine
from kiosk.domain.identity import IdNumberError, parse_id_number
from kiosk.domain.ids import OrderNumberError, verify_order_no
from kiosk.domain.numbers import NumberError, decision_number_in
from kiosk.domain.rule import AppliesTo, FineFacts, NumberFacts, Rule, Words, when

Next = Literal["retype", "again", "copy", "window"]
"""Type another number · ask again · print the voucher once more · nothing at this machine."""

CODE_LENGTHS = ((10, 15, 18, 18), (25, 30, 16, 24), (62, 62, 19, 19))
"""Payers' codes of the wallets: first two digits from and to, length from and to. Of 16 digits a decision never begins so: no
province has 25 to 30 (GB/T 2260)."""
_RECEIVING = re.compile(r"(wxp://|https?://(qr\.alipay\.com|payapp\.weixin\.qq\.com|qr\.95516\.com)/)", re.IGNORECASE)


def _why(facts: NumberFacts) -> str:
    """ "length", "characters", or empty where a number was found."""
    try:
        decision_number_in(facts.text)
    except NumberError as error:
        return error.why
    return ""


def _payers_code(facts: NumberFacts) -> bool:
    digits = facts.text.strip()
    if not (digits.isascii() and digits.isdigit()):
        return False
    return any(a <= int(digits[:2]) <= b and low <= len(digits) <= high for a, b, low, high in CODE_LENGTHS)


def _identity(facts: NumberFacts) -> bool:
    try:
        parse_id_number(facts.text.strip().upper(), dt.date.max)
    except (IdNumberError, ValueError):
        return False
    return True


def _own_order(facts: NumberFacts) -> bool:
    """An order number as vouchers carry it, with or without the part of the payment."""
    text = re.sub(r"P[0-9]{1,3}$", "", facts.text.strip().upper())
    try:
        verify_order_no(text)
    except OrderNumberError:
        return False
    return len(text) > 16


def _digits(facts: NumberFacts) -> Words | None:
    return {"count": str(len(re.sub(r"[\s\-]", "", facts.text)))} if _why(facts) == "length" else None


NUMBER_RULES: tuple[Rule[NumberFacts], ...] = (
    Rule(
        "F05",
        AppliesTo.NUMBER,
        when(_identity),
        "这是身份证号码，不是决定书编号",
        "编号在决定书上方，标题下面",
        "an identity number (GB 11643)",
        "GB 11643",
    ),
    Rule(
        "F03",
        AppliesTo.NUMBER,
        when(_payers_code),
        "这是付款码，不是决定书编号",
        "请先输入决定书编号，到缴款时再用付款码",
        "a payer's code of a wallet (first digits and length)",
        "钱包付款码规则",
    ),
    Rule(
        "F04",
        AppliesTo.NUMBER,
        when(lambda f: _RECEIVING.match(f.text.strip()) is not None),
        "这是收款码，不是决定书编号",
        "请扫决定书上的条码或二维码",
        "a code for receiving money",
        "钱包收款码规则",
    ),
    Rule(
        "F06",
        AppliesTo.NUMBER,
        when(_own_order),
        "这是缴款凭证的流水号，不是决定书编号",
        "决定书编号在凭证的“决定书编号”一行",
        "an order number of these machines",
        "kiosk/domain/ids.py",
    ),
    Rule(
        "F07",
        AppliesTo.NUMBER,
        when(lambda f: f.scanned and bool(_why(f))),
        "这个码里没有决定书编号",
        "请扫决定书上方的条码，或者点“返回输入”，输入编号",
        "a scanned code without a number of 15 or 16 digits",
        "交通违法处罚决定书式样",
    ),
    Rule(
        "F01",
        AppliesTo.NUMBER,
        _digits,
        "编号是 15 位，带校验码的是 16 位，现在有 {count} 位",
        "请对照决定书检查",
        "neither 15 nor 16 characters, blanks and hyphens not counted",
        "交通违法处罚决定书式样；银行代收接口（15 位）",
    ),
    Rule(
        "F02",
        AppliesTo.NUMBER,
        when(lambda f: _why(f) == "characters"),
        "编号里有不是数字的字符",
        "请对照决定书检查",
        "a character that no number of a decision has",
        "交通违法处罚决定书式样",
    ),
)


_BANK = "银行代收交通罚款结果码"
SAID: Mapping[str, frozenset[str]] = {
    "F10": frozenset({"unknown_decision", "B2322"}),
    "F11": frozenset({"other_region", "B2329"}),
    "F12": frozenset({"wrong_number", "B2330"}),
    "F13": frozenset({"closed_hours", "B0006"}),
    "F14": frozenset({"day_end", "B0038", "B0039", "B2053"}),
    "F15": frozenset({"being_paid", "bill_exists", "B0251", "B2404"}),
    "F16": frozenset({"order_void", "B0249"}),
    "F17": frozenset({"no_part_payment", "B2033", "B2034", "B2061"}),
    "F18": frozenset({"amount_mismatch", "B2021"}),
    "F19": frozenset({"B2324", "B2325", "B2326", "B2327", "B2328"}),
    "F20": frozenset({"B2320"}),
    "F21": frozenset({"B2323"}),
    "F23": frozenset({"other_account", "B2302"}),
    "F24": frozenset({"in_doubt", "B0016", "B0017", "B0018", "B0019", "B0020", "B0031"}),
    "F25": frozenset({"no_funds", "B0280", "4102"}),
    "F30": frozenset({"already_paid", "B0033", "B0250", "B2042", "B2345"}),
    "F31": frozenset({"nothing_to_pay"}),
    "F32": frozenset({"revoked"}),
    "F33": frozenset({"enforcement"}),
    "F34": frozenset({"surcharge_unknown"}),
}
"""The result codes behind each rule: the front's own words, and what banks' cashiers are known to answer with. A front hands a
cashier's code on as it came."""
KNOWN = frozenset[str]().union(*SAID.values())
PAID = SAID["F30"]


def _row(
    code: str,
    what: str,
    todo: str,
    reason: str,
    source: str,
    here: Callable[[FineFacts], bool] = lambda _: False,
    reads: tuple[str, ...] = (),
) -> Rule[FineFacts]:
    """Applies where the cashier answered one of the codes of this row, or where `here` sees it without being told."""
    said = SAID.get(code, frozenset[str]())
    return Rule(
        code,
        AppliesTo.FINE,
        when(lambda facts: facts.said in said or here(facts)),
        what,
        todo,
        reason,
        source,
        reads=reads,
    )


def _in_state(state: FineState) -> Callable[[FineFacts], bool]:
    return lambda facts: facts.fine is not None and facts.fine.state is state


def _of_another_area(facts: FineFacts) -> bool:
    areas = facts.rules.fine.areas
    return bool(areas) and not facts.number.startswith(areas)


def _above(facts: FineFacts, most: int) -> bool:
    fine = facts.fine
    return fine is not None and fine.surcharge_fen is not None and fine.total_fen > most


FINE_RULES: tuple[Rule[FineFacts], ...] = (
    _row(
        "F13",
        "现在不是收款时间",
        "请在收款时间内再来，或用“交管12123”缴",
        "outside the hours of the settings, or of the cashier (B0006)",
        _BANK,
        lambda f: not f.open_now,
    ),
    _row(
        "F23",
        "本机不收这个地区的罚款",
        "请用“交管12123”或到银行缴",
        "unit not among rules.toml fine.areas, or an account the cashier does not settle (B2302)",
        _BANK,
        _of_another_area,
        ("fine.areas",),
    ),
    _row(
        "F10",
        "没有查到这份决定书",
        "请核对编号。刚开的决定书可能还没有传到收款系统，可以过一会儿再试",
        "no such decision, or its record has not reached the cashier yet (B2322)",
        _BANK,
    ),
    _row(
        "F11",
        "这份决定书是别的地区开的",
        "本机不能收，请用“交管12123”或到当地银行缴",
        "decision of another region (B2329)",
        _BANK,
    ),
    _row("F12", "编号不对", "请对照决定书重新输入", "the cashier finds the number wrong (B2330)", _BANK),
    _row(
        "F14",
        "收款系统正在日终结账",
        "请过半小时再试",
        "day-end of the cashier, or its cut-off has passed (B0038, B0039, B2053)",
        _BANK,
    ),
    _row(
        "F15",
        "这份决定书正在缴款",
        "请不要重复付款，过几分钟再查",
        "another payment of it is under way (B0251, B2404)",
        _BANK,
        _in_state(FineState.PAYING),
    ),
    _row(
        "F16",
        "上一次的缴款单已作废",
        "请再试一次",
        "the cashier's order is void, a new one may be placed (B0249)",
        _BANK,
    ),
    _row(
        "F17",
        "罚款和加处罚款要一次缴清",
        "不能只缴一部分，请到人工窗口核对",
        "no part payment (B2033, B2034, B2061)",
        "行政处罚法 第72条；" + _BANK,
    ),
    _row("F18", "应缴金额有变化", "请重新核对", "the amount is another than a moment ago (B2021)", _BANK),
    _row(
        "F19",
        "收款系统现在离线",
        "请带决定书到银行柜台缴",
        "the cashier asks for the elements of its offline mode (B2324 to B2328)",
        _BANK,
    ),
    _row(
        "F20", "没有查到被处罚人的驾驶证", "请带决定书到人工窗口核对", "no licence file at the cashier (B2320)", _BANK
    ),
    _row("F21", "登记的证件类型不符", "请带决定书到人工窗口核对", "identity document of another type (B2323)", _BANK),
    _row(
        "F24",
        "上一笔缴款的结果还在核对",
        "请不要重复付款，过几分钟再查",
        "in doubt; the cashier books again or reverses by itself (B0016 to B0020, B0031)",
        _BANK,
    ),
    _row("F25", "付款账户余额不足", "没有扣款，请换一种付款方式", "no funds (B0280, 4102)", _BANK),
    _row(
        "F30",
        "这份决定书已经缴清",
        "不用再缴，需要凭证可以补打",
        "paid before (B0033, B0250, B2042, B2345)",
        _BANK,
        _in_state(FineState.PAID),
    ),
    _row(
        "F32",
        "这份决定书已经撤销",
        "不用缴款，有疑问请到人工窗口",
        "the decision was revoked",
        "行政处罚法 第75条",
        _in_state(FineState.REVOKED),
    ),
    _row(
        "F33",
        "这份决定书正在由法院强制执行",
        "请联系执行法院，或到人工窗口咨询",
        "under court enforcement",
        "行政强制法 第53条；行政处罚法 第72条",
        _in_state(FineState.ENFORCEMENT),
    ),
    _row(
        "F31",
        "这份决定书没有罚款",
        "不用缴款",
        "a warning, or a fine of nothing",
        "行政处罚法 第9条",
        lambda f: f.fine is not None and f.fine.principal_fen == 0,
    ),
    _row(
        "F34",
        "加处罚款的金额暂时算不出来",
        "没有扣款，请过一会儿再试，或到人工窗口",
        "the platform gives no surcharge",
        "行政处罚法 第72条",
        lambda f: f.fine is not None and f.fine.surcharge_fen is None,
    ),
    _row(
        "F35",
        "加处罚款超过了罚款本数",
        "没有扣款，请带决定书到人工窗口核对",
        "the platform's surcharge is above the fine, which no law allows",
        "行政处罚法 第72条第1款第1项",
        lambda f: f.fine is not None and _above(f, 2 * f.fine.principal_fen),
    ),
    _row(
        "F36",
        "金额超过本机的上限",
        "请到人工窗口或银行缴",
        "the sum is above rules.toml fine.max_fen",
        "本厅设置",
        lambda f: f.rules.fine.max_fen > 0 and _above(f, f.rules.fine.max_fen),
        ("fine.max_fen",),
    ),
    _row(
        "F39",
        "收款系统没有受理",
        "没有扣款，请带决定书到人工窗口核对",
        "a result code that no row names; it stands in the log",
        _BANK,
        lambda f: bool(f.said) and f.said not in KNOWN,
    ),
)

NEXT: Mapping[str, Next] = {
    "F10": "retype",
    "F12": "retype",
    "F14": "again",
    "F15": "again",
    "F16": "again",
    "F18": "again",
    "F24": "again",
    "F30": "copy",
    "F34": "again",
}
"""What the first button offers; of what is not here, nothing."""


def number_refusal(text: str, *, scanned: bool) -> Refusal | None:
    """Why this is no number of a decision; None where it is one."""
    facts = NumberFacts(text, scanned)
    return next((no for rule in NUMBER_RULES if (no := rule.refusal(facts)) is not None), None)


def fine_refusal(
    fine: PayableFine | None, said: str, number: str, rules: Rules, *, open_now: bool = True
) -> Refusal | None:
    """Why this decision cannot be paid here now; None where it can. `said`: the result code where there is no decision; `open_now`:
    payments may be begun at this hour."""
    facts = FineFacts(fine, said, number, open_now, rules)
    return next((no for rule in FINE_RULES if (no := rule.refusal(facts)) is not None), None)


def refusal_of(code: str) -> Refusal:
    """The refusal of a row, for what the ledger of this machine knows by itself. Raises KeyError."""
    for rule in FINE_RULES:
        if rule.code == code:
            return Refusal(rule.code, f"{rule.what}。{rule.todo}。", rule.source, rule.reason)
    raise KeyError(code)
