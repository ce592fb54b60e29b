"""The readiness report: what an examination has found, on a screen, on paper and on a terminal (`readiness_json`: for programs).

Technicians sign for it, so it says who judged: the machine, or a person who looked. Nothing in it is about a citizen.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from config.diagnostics_tables import DiagnosticsTable
from kiosk.care.checkup import Checkup, DeviceReport, Doing, Examined, Readiness, Standing
from kiosk.domain.slip import Block, Feed, Pair, Rule, Slip, Text
from kiosk.ports.health import Level, Verdict
from kiosk.screens.diagnostics import CheckRow, CheckState

VERDICTS: Mapping[Readiness, str] = {
    Readiness.READY: "可以使用",
    Readiness.LIMITED: "部分可用",
    Readiness.NOT_READY: "不能使用",
}
LEVELS: Mapping[Level, str] = {
    Level.INTERNAL: "内部自检",
    Level.EXTERNAL: "动作自检",
    Level.INTERACTIVE: "人工配合自检",
}
_STATES: Mapping[Verdict, CheckState] = {
    Verdict.PASSED: "passed",
    Verdict.FAILED: "failed",
    Verdict.SKIPPED: "skipped",
    Verdict.UNKNOWN: "unknown",
}
_PAPER: Mapping[Verdict, str] = {
    Verdict.PASSED: "通过",
    Verdict.FAILED: "不通过",
    Verdict.SKIPPED: "未检查",
    Verdict.UNKNOWN: "无法判断",
}
_LINES: Mapping[Verdict, str] = {
    Verdict.PASSED: "ok     ",
    Verdict.FAILED: "BAD    ",
    Verdict.SKIPPED: "skipped",
    Verdict.UNKNOWN: "UNKNOWN",
}


# -- on the screen -------------------------------------------------------------------------------------------------------


def rows(found: Checkup, table: DiagnosticsTable, doing: Doing | None = None) -> tuple[CheckRow, ...]:
    """T04: every finding; what is under way; what is still to come."""
    shown: list[CheckRow] = []
    for report in found.devices:
        name = table.name(report.device)
        for level in report.levels:
            shown += _finding_rows(name, level, table)
        running = doing is not None and doing.device == report.device
        done = {level.level for level in report.levels}
        if running and doing is not None and doing.level not in done:
            shown.append(CheckRow(name, LEVELS[doing.level], "doing"))
        elif not report.levels and not found.whole:
            shown.append(CheckRow(name, LEVELS[Level.INTERNAL], "todo" if doing is not None else "skipped"))
    return tuple(shown)


def _finding_rows(name: str, level: Examined, table: DiagnosticsTable) -> Iterator[CheckRow]:
    for number, judged in enumerate(level.findings):
        finding = judged.finding
        caption = LEVELS[level.level] if finding.name == "level" else table.finding(finding.name)
        yield CheckRow(
            name,
            caption,
            _STATES[finding.verdict],
            table.value(finding.value) + ("（人工判断）" if judged.by == "person" else ""),
            "/".join(table.value(word) for word in finding.limit.split("/")),
            f"{level.seconds:.1f} 秒" if number == 0 and level.seconds >= 0.05 else "",
            finding.detail,
        )


def headline(found: Checkup) -> str:
    """The verdict in a few words."""
    if not found.whole:
        return "自检没有做完"
    if found.only:
        return "单台设备：" + _PAPER[found.devices[0].verdict]
    return VERDICTS[found.verdict]


def verdict_text(found: Checkup, titles: Mapping[str, str]) -> str:
    """One sentence; `titles` are the services' names."""
    if not found.whole:
        return "自检没有做完，结果不算数。"
    if found.only:
        return {Readiness.READY: "这台设备通过自检。", Readiness.NOT_READY: "这台设备没有通过自检。"}.get(
            found.verdict, "这台设备的自检有无法判断的项目。"
        )
    closed = [titles.get(name, name) for name, standing in found.services.items() if standing is Standing.CLOSED]
    unproven = [titles.get(name, name) for name, standing in found.services.items() if standing is Standing.UNPROVEN]
    match found.verdict:
        case Readiness.READY:
            return "全部设备通过自检，可以使用。"
        case Readiness.NOT_READY:
            return "不能使用：没有一项业务可以办理。"
    said = [f"有 {len(found.alarms)} 项对账报警没有处理，本机暂停缴款"] if found.alarms else []
    said += [f"不能办理：{'、'.join(closed)}"] if closed else []
    said += [f"未能确认：{'、'.join(unproven)}"] if unproven else []
    return "部分可用。" + ("；".join(said) + "。" if said else "有设备没有通过，但不影响业务。")


# -- on paper ------------------------------------------------------------------------------------------------------------


def slip(
    found: Checkup,
    table: DiagnosticsTable,
    titles: Mapping[str, str],
    *,
    kiosk_id: str,
    version: str,
    staff: str,
    audit: str,
    printed_at: dt.datetime,
) -> Slip:
    """One piece of paper to be signed and filed. `audit` anchors the audit chain: rows cut off later are found out by it."""
    blocks: list[Block] = [
        Text("设备就绪报告", "center", bold=True, size=2),
        Text(headline(found), "center", bold=True),
        Rule("solid"),
        Pair("机器：", kiosk_id),
        Pair("版本：", version),
        Pair("自检：", f"{found.at:%Y-%m-%d %H:%M:%S}（第 {int(found.level)} 级）"),
        Pair("打印：", f"{printed_at:%Y-%m-%d %H:%M:%S}"),
        Pair("人员：", staff or "—"),
        Rule(),
    ]
    for report in found.devices:
        mark = "（模拟）" if report.simulated else ""
        blocks.append(Pair(table.name(report.device) + mark, _PAPER[report.verdict], right=True, bold=True))
        for level in report.levels:
            for judged in level.findings:
                if judged.finding.verdict in (Verdict.FAILED, Verdict.UNKNOWN):
                    blocks.append(Text(_trouble(judged.finding.name, judged.finding.value, table)))
        if any(judged.by == "person" for level in report.levels for judged in level.findings):
            blocks.append(Text("  含人工判断的项目"))
    blocks += [Rule(), Text(verdict_text(found, titles))]
    if audit:
        blocks += [Rule(), Text("审计链末行："), Text(audit)]
    blocks += [Feed(), Pair("签名：", "________________"), Feed()]
    return Slip("readiness", tuple(blocks))


def _trouble(name: str, value: str, table: DiagnosticsTable) -> str:
    return f"  {table.finding(name)}：{table.value(value)}" if value else f"  {table.finding(name)}"


# -- on a terminal -------------------------------------------------------------------------------------------------------


def as_text(found: Checkup) -> str:
    """For `kiosk diagnose`: one line a device, what is wrong below it."""
    lines = [line for report in found.devices for line in _lines(report)]
    lines += [
        f"ALARM   {number}: no money is taken until it is settled; see `kiosk ledger work`" for number in found.alarms
    ]
    for name, standing in found.services.items():
        if standing is not Standing.OFFERED:
            lines.append(f"service {name}: {'cannot be offered' if standing is Standing.CLOSED else 'not proven'}")
    if not found.whole:
        lines.append("broken off")
    lines.append(f"verdict: {str(found.verdict).replace('_', ' ')}")
    return "\n".join(lines)


def _lines(report: DeviceReport) -> Iterator[str]:
    mark = " (simulated)" if report.simulated else ""
    kind = report.trouble.kind if report.trouble is not None else report.status.link
    parts = "".join(f"; {name} {value}" for name, value in report.status.parts.items())
    yield f"{_LINES[report.verdict]} {report.device}: {kind}{mark}{parts}"
    if said := report.trouble.hint if report.trouble is not None else report.status.detail:
        yield f"          {said}"
    for level in report.levels:
        for judged in level.findings:
            finding = judged.finding
            if finding.verdict in (Verdict.FAILED, Verdict.UNKNOWN) and finding.name != "open":
                wanted = f", wanted {finding.limit}" if finding.limit else ""
                by = ", judged by a person" if judged.by == "person" else ""
                yield f"          {finding.name}: {finding.verdict} {finding.value}{wanted}{by}. {finding.detail}".rstrip()
