"""What a run of the end-of-day match has to say, for programs and for people at a terminal. Numbers of orders only: nobody is named."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from kiosk.ledger.reconcile import ALARMS, ALL_WALLETS, Break, Finding
from kiosk.ledger.reconcile_list import entry_id
from kiosk.ledger.reconcile_run import Outcome
from kiosk.ledger.reconcile_words import WORDS
from kiosk.ledger.store import Record

VERSION = 1


def as_json(outcome: Outcome) -> dict[str, Any]:
    sums = outcome.sums
    return {
        "version": VERSION,
        "good": outcome.good,
        "day": outcome.day.isoformat(),
        "at": outcome.at.isoformat(timespec="seconds"),
        "compared": {
            "wallets": sorted(outcome.wallets),
            "without_bill": list(outcome.without_bill),
            "police": outcome.posted_known,
        },
        "ledger": {"payments": sums.ledger_count, "fen": sums.ledger_fen},
        "bill": {
            "payments": sums.bill_count,
            "fen": sums.bill_fen,
            "refund_fen": sums.bill_back_fen,
            "fee_fen": sums.fee_fen,
        },
        "police": {"fines": sums.posted_count, "fen": sums.posted_fen},
        "counts": {str(what): count for what, count in counts(outcome).items()},
        "breaks": [_finding(finding) for finding in outcome.breaks],
        "held": [_finding(finding) for finding in outcome.held],
        "settled_by_staff": [_finding(finding) for finding in outcome.by_staff],
        "explained": [row.id for row in outcome.explained],
        "work_list": [entry_json(row) for row in outcome.listed],
    }


def counts(outcome: Outcome) -> dict[Break, int]:
    """How many breaks of each class, every class told."""
    found = Counter(finding.what for finding in (*outcome.breaks, *outcome.held))
    return {what: found[what] for what in Break}


def entry_json(row: Record) -> dict[str, Any]:
    return {
        "id": row.id,
        "what": row["what"],
        "state": row.state,
        "day": row["day"],
        "subject": row["subject"],
        "order": row.order_id or None,
        "fen": row["fen"],
        "said": row["said"],
        "since": row.created_at,
        "settled_by": row["settled_by"],
        "reason": row["reason"],
    }


def as_text(outcome: Outcome) -> str:
    sums = outcome.sums
    wallets = (
        "of all wallets" if ALL_WALLETS in outcome.wallets else "of " + (", ".join(sorted(outcome.wallets)) or "none")
    )
    lines = [
        f"end-of-day match of {outcome.day}: {verdict(outcome)}",
        f"  ledger  {sums.ledger_count:5} payments {yuan(sums.ledger_fen):>12}",
        f"  bill    {sums.bill_count:5} payments {yuan(sums.bill_fen):>12}"
        f"  refunds {yuan(sums.bill_back_fen)}  fees {yuan(sums.fee_fen)}  ({wallets})",
        f"  police  {sums.posted_count:5} fines    {yuan(sums.posted_fen):>12}"
        + ("" if outcome.posted_known else "  (not compared)"),
    ]
    lines += [f"  no bill of {wallet}: its payments are not compared" for wallet in outcome.without_bill]
    if outcome.alarms:
        lines.append("  no money is taken at this machine until its alarms are settled: `kiosk ledger settle`")
    lines += _block("breaks", outcome.breaks)
    lines += _block("held one day", outcome.held)
    lines += _block("found, and settled by staff", outcome.by_staff)
    if outcome.explained:
        lines += ["explained and off the list", *(f"  {row.id}" for row in outcome.explained)]
    if outcome.listed:
        lines.append(f"work list: {len(outcome.listed)} open; see `kiosk ledger work`")
    return "\n".join(lines)


def verdict(outcome: Outcome) -> str:
    if outcome.good and not outcome.held:
        return "all matched"
    said = [_plural(len(outcome.breaks), "break")] if outcome.breaks else []
    said += [f"{len(outcome.held)} held"] if outcome.held else []
    said += [_plural(len(outcome.alarms), "ALARM")] if outcome.alarms else []
    said += [f"no bill of {', '.join(outcome.without_bill)}"] if outcome.without_bill else []
    return ", ".join(said)


def work_text(rows: Iterable[Record], now: dt.datetime) -> str:
    lines = []
    for row in rows:
        days = (now - dt.datetime.fromisoformat(row.created_at)).days
        alarm = "  ALARM" if row["what"] in ALARMS else ""
        age = f"{_plural(days, 'day')} old" if days else "today"
        lines.append(f"{row.id:40} {row['what']:16} {yuan(row['fen'] or 0):>10}  of {row['day']}, {age}{alarm}")
        lines.append(f"    {said_text(row['said'])}")
        if row["reason"]:
            lines.append(f"    settled by {row['settled_by']}: {row['reason']}")
    return "\n".join(lines)


def said_text(said: Mapping[str, Any]) -> str:
    return "  ".join(f"{name}={value}" for name, value in said.items())


def yuan(fen: int) -> str:
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def _block(title: str, findings: Iterable[Finding]) -> list[str]:
    lines = []
    for finding in findings:
        number = entry_id(finding.what, finding.subject)
        lines.append(f"  {number:36} {yuan(finding.fen):>10}  {WORDS[finding.what].en}")
        lines.append(f"      {said_text(finding.said)}")
    return [title, *lines] if lines else []


def _plural(count: int, word: str) -> str:
    return f"{count} {word}" + ("" if count == 1 else "s")


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "id": entry_id(finding.what, finding.subject),
        "what": str(finding.what),
        "alarm": finding.what in ALARMS,
        "subject": finding.subject,
        "order": finding.order_id or None,
        "fen": finding.fen,
        "said": dict(finding.said),
    }
