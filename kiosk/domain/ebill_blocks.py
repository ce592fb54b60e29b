"""The finance office's electronic bill (财政电子票据) on the voucher of a paid fine: its codes and a QR symbol, or how to have it later.

A fine may be refused where no finance bill is given (行政处罚法 第70条, 道路交通安全法 第108条). Codes as 财综〔2018〕72号 has them:
票据代码 8 digits, 票据号码 10 digits, 校验码 6 characters.
"""

from __future__ import annotations

from collections.abc import Sequence

from kiosk.domain.slip import Block, Pair, QrCode, Rule, Text
from kiosk.domain.violation import EBill

ISSUED = "财政电子票据已开出，凭证上有二维码。"
LATER = "财政电子票据稍后开出，以后凭决定书编号“补打凭证”可取。"
FETCH_LATER = (
    "财政电子票据还没有开出，或者暂时查不到。以后可以凭决定书编号在自助机“补打凭证”，"
    "票据号码和二维码会印在凭证上，也可以到窗口索取。"
)


def is_issued(bill: EBill | None) -> bool:
    return bill is not None and bill.state == "issued" and bool(bill.number)


def finish_line(bills: Sequence[EBill | None]) -> str:
    """For the last page. Empty where nothing was paid."""
    if not bills:
        return ""
    return ISSUED if all(is_issued(bill) for bill in bills) else LATER


def ebill_blocks(bills: Sequence[tuple[str, EBill | None]]) -> list[Block]:
    """`bills` by the printed number of the decision, which is named where there are several."""
    issued = [(number, bill) for number, bill in bills if bill is not None and is_issued(bill)]
    blocks: list[Block] = []
    for number, bill in issued:
        blocks += [Rule(), Text("财政电子票据", bold=True)]
        if len(bills) > 1:
            blocks.append(Pair("决定书编号", number))
        blocks += [Pair("票据代码", bill.code), Pair("票据号码", bill.number), Pair("校验码", bill.check)]
        if bill.url:
            blocks.append(QrCode(bill.url, "扫码查看、下载电子票据"))
    if bills and len(issued) < len(bills):
        blocks += [Rule(), Text(FETCH_LATER)]
        waiting = [number for number, bill in bills if not is_issued(bill)]
        blocks += [Pair("决定书编号", number) for number in waiting]
    return blocks
