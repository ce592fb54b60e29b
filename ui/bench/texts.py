"""The bench's words. A fault without a sentence here is shown with the simulator's own (English) one."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from config.diagnostics_tables import load_diagnostics

DEVICES: Mapping[str, str] = {
    "id_card": "身份证读卡器",
    "camera": "摄像头",
    "qr_scanner": "扫码头",
    "receipt_printer": "凭条打印机",
    "permit_unit": "签注设备",
    "permit_reader": "通行证芯片",
    "document_printer": "A4 打印机",
    "signature_pad": "签名板",
    "recorder": "录音录像",
    "police_platform": "交警平台",
    "exit_entry_platform": "出入境平台",
    "wallet": "手机支付",
}

CARD_STATES: Mapping[str, str] = {
    "no_card": "没有卡",
    "in_field": "卡已放上",
    "found": "已寻到卡",
    "selected": "已选卡",
    "read": "已读卡",
}

ORDER_STATES: Mapping[str, str] = {
    "waiting": "待付款",
    "paid": "已付款",
    "closed": "已关闭",
    "refunded": "已退款",
    "not_found": "无此订单",
}

PRESETS: Mapping[str, str] = {
    "human": "由人付款（按上面的按钮；付款码立即付）",
    "pays": "过一会儿自动付款（付款码：输密码）",
    "never": "一直不付款",
    "late": "二维码过期后才付款",
    "wrong_amount": "付款金额少1分",
    "pays_at_close": "关单的同时付款",
    "pays_after_close": "关单以后仍付款",
    "unknown": "已付款，但一时查不到结果",
    "silent": "已付款，但查询没有回答",
    "says_no": "付款码：在手机上拒绝付款",
    "no_balance": "付款码：余额不足",
    "code_expired": "付款码：已过期",
}
TIMED_PRESETS = frozenset({"pays", "late", "wrong_amount", "unknown", "silent", "says_no"})
"""Those for which `seconds` means something."""

OPERATIONS: Mapping[str, str] = {
    "any": "任何请求",
    "identify": "查询驾驶人",
    "police_photo": "取证件照片",
    "match_face": "人像比对",
    "vehicles": "查询名下车辆",
    "verify_vehicle": "核验车辆",
    "open_records": "查询违法记录",
    "evidence": "查询违法证据",
    "evidence_picture": "取证据图片",
    "decide": "作出决定",
    "find_decision": "查找决定",
    "object_to": "提出异议",
    "fine_status": "查询罚款状态",
    "post_payment": "缴款入账",
    "holidays": "查询节假日",
    "health": "健康检查",
    "registry": "查询通行证",
    "photo_on_file": "取办证照片",
    "apply": "提交申请",
    "find_application": "查找申请",
    "authorise": "授权签注",
    "confirm": "上报制证结果",
    "cancel": "取消申请",
}

REMOTE_FAULTS: Mapping[str, str] = {
    "error_500": "回答500，未执行",
    "error_503": "回答503，未执行",
    "html_502": "网关502网页，未执行",
    "html_200": "已执行，回答却是登录网页",
    "redirect": "转到另一主机，未执行",
    "rate_limited": "回答429限流，未执行",
    "drop_before": "不回答就断开，未执行",
    "drop_after": "已执行，不回答就断开",
    "half_answer": "已执行，正文到一半断开",
    "half_head": "已执行，状态行到一半断开",
    "garbage": "已执行，回答不是HTTP",
    "malformed_json": "已执行，JSON缺后半",
    "wrong_types": "已执行，数字与文字类型对调",
    "missing_member": "已执行，回答缺第一项",
    "wrong_charset": "已执行，回答为GB 18030编码",
    "huge": "已执行，回答有8 MiB",
    "delay": "立即执行，2秒后回答",
    "late": "2秒后才执行并回答",
    "drip": "已执行，逐字节回答",
    "silence": "一直不回答，未执行",
}
"""What a remote system can be told to do wrong; the devices' faults have their captions in `config/diagnostics.toml`."""
CAMERA_ONCE = frozenset({"CAM.CRASH", "CAM.HANG"})
"""These are counted; the camera's other faults last a time or until cleared."""
CAMERA_SECONDS = 5


@lru_cache(maxsize=1)
def _device_faults() -> Mapping[str, str]:
    """Raises TablesError."""
    table = load_diagnostics()
    return {fault: text for device in table.device.values() for fault, text in device.fault.items()} | dict(
        table.line_fault
    )


def fault_text(fault_id: str, sentence: str = "") -> str:
    """A fault's sentence: Chinese where there is one. "decide.drop_after" is read as operation and kind."""
    if (text := _device_faults().get(fault_id) or REMOTE_FAULTS.get(fault_id)) is not None:
        return text
    operation, dot, kind = fault_id.partition(".")
    if dot and kind in REMOTE_FAULTS:
        return f"{OPERATIONS.get(operation, operation)}：{REMOTE_FAULTS[kind]}"
    return sentence or fault_id


def times_text(left: int | None) -> str:
    return "直到清除" if left is None else f"还有{left}次"


def yuan(fen: int) -> str:
    return f"￥{fen // 100:,}.{fen % 100:02d}"
