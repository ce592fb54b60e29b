"""Samples of the diagnostics, T05–T07: log, faults, settings, audit."""

from __future__ import annotations

from kiosk.screens.diagnostics import (
    Act,
    AuditRow,
    AuditView,
    Dial,
    FaultBoard,
    FaultCard,
    FaultRow,
    LogRow,
    Logs,
    Look,
    Setting,
    SettingsView,
)
from ui.samples import Sample
from ui.samples.diagnostics import HEAD, LOG, MORE, NOTED, REAL, TILES, _wrap

DEVICES = tuple((tile.key, tile.name) for tile in (*TILES, *MORE))
DIALS = (Dial("volume", "音量", 60), Dial("brightness", "亮度", 100, 20))
NO_DIALS = (
    Dial("volume", "音量", None, 0, "本机没有声卡。"),
    Dial("brightness", "亮度", None, 20, "屏幕亮度不能由程序调节，请用屏幕上的按键。"),
)
FOLDERS = (("usb0", "U 盘 KINGSTON（7.2 GB 可用）"), ("export", "本机导出文件夹 /var/lib/onetrip/export"))
LONG_LOG = tuple(
    LogRow(
        f"14:{minute:02}:07.114",
        ("DEBUG", "INFO", "WARN", "ERROR")[minute % 4],  # type: ignore[arg-type]
        TILES[minute % 6].key,
        "frame_rejected reason=checksum expected=0x7f got=0x3a bytes=64 attempt=2 line=/dev/serial/by-id/usb-1a86_USB2.0-Serial"
        if minute % 5 == 0
        else f"status polled in {minute} ms",
    )
    for minute in range(50)
)
FAULTS = (
    FaultRow("paper_out", "缺纸", "直到清除"),
    FaultRow("paper_low", "纸快用完"),
    FaultRow("cover_open", "盖子打开"),
    FaultRow("cutter_jam", "切刀卡住", "还有 2 次"),
    FaultRow("says_printed", "说打印了，其实没有"),
    FaultRow("half_page", "打到一半断电"),
    FaultRow("slow_status", "状态晚到 3 秒"),
    FaultRow("garbage", "应答里混入乱码"),
    FaultRow("disconnect", "线路断开，5 秒后恢复"),
    FaultRow("never_answers", "收下命令，不再应答，直到重新上电为止"),
    FaultRow("split", "应答逐字节到达"),
    FaultRow("duplicate", "同一应答来两次"),
)
CARDS = (
    FaultCard("id_card", "身份证阅读器", FAULTS[6:10]),
    FaultCard("camera", "人脸摄像头", (FaultRow("frozen", "画面不动"), FaultRow("covered", "镜头被遮住", "1 次"))),
    FaultCard("receipt_printer", "热敏打印机", FAULTS),
    FaultCard("permit_unit", "签注制证模块", tuple(FaultRow(f"f{i}", f"第 {i} 种线路故障") for i in range(1, 45))),
)
PRESETS = (
    Act("paper_refill", "缺纸后补纸"),
    Act("payment_unknown", "付款结果未知"),
    Act("two_bad_reads", "读卡两次失败"),
    Act("permit_stuck", "证件卡在设备里", False, "签注制证模块不是模拟的。"),
)
MORE_CARDS = tuple(FaultCard(tile.key, tile.name, FAULTS[:4]) for tile in (*TILES[4:5], *MORE))
MORE_PRESETS = tuple(Act(f"scene_{i}", f"第 {i} 个情景") for i in range(5, 12))
GROUPS = (
    (
        "法制审核",
        (
            Setting("法律文书用语", "20 条没有经法制部门审核", "legal.toml"),
            Setting("法律条文通俗说明", "42 条没有经法制部门审核", "law_plain.toml"),
        ),
    ),
    (
        "本机",
        (
            Setting("kiosk.machine", "3 号机", "profiles/demo.toml"),
            Setting("kiosk.window", "5 号窗口", "/etc/onetrip/hall.toml"),
            Setting("kiosk.help_phone", "", "默认值"),
        ),
    ),
    (
        "设备",
        (
            Setting("devices.receipt_printer.driver", "escpos", "profiles/demo.toml"),
            Setting(
                "devices.receipt_printer.line",
                "/dev/serial/by-id/usb-1a86_USB2.0-Serial-if00-port0",
                "环境变量 ONETRIP_DEVICES__RECEIPT_PRINTER__LINE",
            ),
            *(Setting(f"devices.{tile.key}.open_retry_s", "2.0", "默认值") for tile in (*TILES, *MORE)),
        ),
    ),
    ("会话", (Setting("session.idle_s", "120", "默认值"), Setting("session.finish_s", "20", "默认值"))),
    ("平台密钥", (Setting("police.client_key", "（已设置，不显示）", "/etc/onetrip/secrets.toml"),)),
    (
        "待法制审核：法律条文通俗说明 42 条",
        (
            Setting("道路交通安全法第十一条第一款", "没有审核", "law_plain.toml"),
            Setting("道路交通安全法实施条例第六十二条第（三）项", "没有审核", "law_plain.toml"),
        ),
    ),
)
AUDIT = (
    AuditRow(1041, "2026-03-18 14:20:11", "T0271", "进入诊断", "密码和动态口令"),
    AuditRow(1042, "2026-03-18 14:22:40", "T0271", "自检第 2 级", "10 项通过，1 项不通过"),
    AuditRow(1043, "2026-03-18 14:25:03", "T0271", "换成模拟器：热敏打印机", "原因：等待备件，工单 20260318-07"),
    AuditRow(1044, "2026-03-18 14:25:40", "T0271", "注入故障：热敏打印机 缺纸", "直到清除"),
    AuditRow(1045, "2026-03-18 14:31:12", "T0271", "导出日志", "U 盘 KINGSTON，1,284 行"),
)


SAMPLES: dict[str, Sample] = {
    "t05_logs": _wrap(Logs(HEAD, LOG * 2, devices=DEVICES, older=True, total=1284, folders=FOLDERS)),
    "t05_logs_long": _wrap(
        Logs(
            NOTED,
            LONG_LOG,
            "WARN",
            "navpad",
            "checksum expected=0x7f",
            DEVICES,
            paused=True,
            older=True,
            newer=True,
            total=91_284,
            folders=FOLDERS,
        )
    ),
    "t05_logs_search": _wrap(Logs(HEAD, LOG, text="checksum", devices=DEVICES, total=5), "diag.logs.search"),
    "t05_logs_choose": _wrap(Logs(HEAD, LOG, device="camera", devices=DEVICES, total=5), "diag.logs.device"),
    "t05_logs_empty": _wrap(Logs(REAL, (), text="no-such-thing", devices=DEVICES[:2])),
    "t06_faults": _wrap(FaultBoard(HEAD, CARDS[:3], PRESETS)),
    "t06_faults_many": _wrap(FaultBoard(NOTED, (CARDS[3], *CARDS[:3], *MORE_CARDS), (*PRESETS, *MORE_PRESETS))),
    "t06_faults_none": _wrap(FaultBoard(HEAD, ())),
    "t07_settings": _wrap(SettingsView(HEAD, GROUPS, dials=DIALS)),
    "t07_settings_look": _wrap(SettingsView(HEAD, GROUPS, Look("elder_high_contrast", 130), DIALS)),
    "t07_settings_no_card": _wrap(SettingsView(REAL, GROUPS, Look("elder"), NO_DIALS)),
    "t07_settings_empty": _wrap(SettingsView(REAL, ())),
    "t07_audit": _wrap(AuditView(HEAD, AUDIT, True, "1 到 1045 号完整，没有缺少或改动。", older=True, folders=FOLDERS)),
    "t07_audit_export": _wrap(AuditView(HEAD, AUDIT, folders=FOLDERS), "diag.audit.export"),
    "t07_audit_broken": _wrap(
        AuditView(
            REAL,
            AUDIT * 5,
            False,
            "第 1043 号与前一号对不上：内容被改动，或前面有记录被删除。请保留现场并报告管理员。",
            older=True,
            newer=True,
        )
    ),
    "t07_audit_empty": _wrap(AuditView(REAL, ())),
}
