"""The end-of-day match as one page of HTML that needs nothing else: for the hall's accountants, to file and to print."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from kiosk.domain.money import format_amount
from kiosk.ledger.reconcile import ALARMS, ALL_WALLETS, Finding
from kiosk.ledger.reconcile_list import entry_id
from kiosk.ledger.reconcile_report import counts, said_text
from kiosk.ledger.reconcile_run import Outcome
from kiosk.ledger.reconcile_words import WORDS

_STYLE = """
body{font:16px/1.6 "Noto Sans CJK SC","Microsoft YaHei",sans-serif;color:#1b2430;margin:2rem auto;max-width:60rem;padding:0 1rem}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}
table{border-collapse:collapse;width:100%}th,td{border:1px solid #b8c2cc;padding:.35rem .6rem;text-align:left;vertical-align:top}
th{background:#eef2f6}td.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
td.id{font-family:monospace;overflow-wrap:anywhere}.small{color:#4a5663;font-size:.875rem;overflow-wrap:anywhere}
.good{color:#0b6b3a}.bad{color:#a11212}
@media print{body{margin:0;max-width:none}}
"""


def as_html(outcome: Outcome, kiosk_id: str) -> str:
    """A whole document in UTF-8. No scripts, nothing fetched from anywhere."""
    sums, day = outcome.sums, outcome.day
    wallets = "全部" if ALL_WALLETS in outcome.wallets else "、".join(sorted(outcome.wallets)) or "没有账单"
    title = f"日终对账 {day.isoformat()}　自助机 {kiosk_id}"
    verdict = "全部一致" if outcome.good else f"有 {len(outcome.breaks)} 项不一致"
    body = [
        f"<h1>{escape(title)}</h1>",
        f'<p class="{"good" if outcome.good else "bad"}"><strong>{verdict}</strong>'
        + (f"，其中 {len(outcome.alarms)} 项报警，处理前本机不收款" if outcome.alarms else "")
        + (f"，另有 {len(outcome.held)} 项等次日账单" if outcome.held else "")
        + "。</p>",
        *(f'<p class="bad">没有 {escape(wallet)} 的账单，这部分付款没有核对。</p>' for wallet in outcome.without_bill),
        "<h2>三方合计</h2>",
        _table(
            ("", "笔数", "金额", "说明"),
            (
                ("本机流水", str(sums.ledger_count), format_amount(sums.ledger_fen), ""),
                (
                    "钱包账单",
                    str(sums.bill_count),
                    format_amount(sums.bill_fen),
                    f"退款 {format_amount(sums.bill_back_fen)}，手续费 {format_amount(sums.fee_fen)}，账单范围：{wallets}",
                ),
                (
                    "公安入账",
                    str(sums.posted_count),
                    format_amount(sums.posted_fen),
                    "" if outcome.posted_known else "没有核对",
                ),
            ),
            numbers=(1, 2),
        ),
        "<h2>分类</h2>",
        _table(
            ("类别", "项数", "处理办法"),
            tuple((WORDS[what].zh, str(count), WORDS[what].todo) for what, count in counts(outcome).items()),
            numbers=(1,),
        ),
        *_findings("不一致", outcome.breaks),
        *_findings("等次日账单", outcome.held),
        *_findings("工作人员已处理", outcome.by_staff),
        *_list("本次已经查清", [row.id for row in outcome.explained]),
        *_list("待办清单（含以前的）", [f"{row.id}　{row['day']}" for row in outcome.listed]),
        f'<p class="small">生成时间 {outcome.at:%Y-%m-%d %H:%M:%S}。本表只有订单号、金额和状态，没有个人信息。</p>',
    ]
    return (
        f'<!DOCTYPE html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">\n<title>{escape(title)}</title>\n'
        f"<style>{_STYLE}</style>\n</head>\n<body>\n" + "\n".join(body) + "\n</body>\n</html>\n"
    )


def _findings(title: str, findings: Sequence[Finding]) -> list[str]:
    if not findings:
        return []
    rows = [
        "<tr>"
        f'<td class="id">{escape(entry_id(finding.what, finding.subject))}</td>'
        f"<td{_alarm(finding)}>{WORDS[finding.what].zh}</td>"
        f'<td class="n">{format_amount(finding.fen)}</td>'
        f'<td class="small">{escape(said_text(finding.said))}</td>'
        "</tr>"
        for finding in findings
    ]
    head = _head(("编号", "类别", "金额", "各方记录"))
    return [f"<h2>{title}</h2>", f"<table>\n{head}\n" + "\n".join(rows) + "\n</table>"]


def _alarm(finding: Finding) -> str:
    return ' class="bad"' if finding.what in ALARMS else ""


def _list(title: str, lines: Iterable[str]) -> list[str]:
    items = [f"<li>{escape(line)}</li>" for line in lines]
    return [f"<h2>{title}</h2>", "<ul>\n" + "\n".join(items) + "\n</ul>"] if items else []


def _table(names: Sequence[str], rows: Iterable[Sequence[str]], numbers: Sequence[int]) -> str:
    def cell(place: int, text: str) -> str:
        return f'<td class="n">{escape(text)}</td>' if place in numbers else f"<td>{escape(text)}</td>"

    lines = ["<tr>" + "".join(cell(place, text) for place, text in enumerate(row)) + "</tr>" for row in rows]
    return f"<table>\n{_head(names)}\n" + "\n".join(lines) + "\n</table>"


def _head(names: Sequence[str]) -> str:
    return "<tr>" + "".join(f'<th scope="col">{escape(name)}</th>' for name in names) + "</tr>"
