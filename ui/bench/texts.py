"""The bench's words. A fault without a sentence here is shown with the simulator's own (English) one."""

from __future__ import annotations

from collections.abc import Mapping

from ui.bench.permit_texts import PERMIT_FAULTS

DEVICES: Mapping[str, str] = {
    "id_card": "身份证读卡器",
    "camera": "摄像头",
    "qr_scanner": "扫码头",
    "receipt_printer": "凭条打印机",
    "permit_unit": "签注设备",
    "permit_reader": "通行证芯片",
    "document_printer": "A4 打印机",
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
    "human": "由人付款（按上面的按钮）",
    "pays": "过一会儿自动付款",
    "never": "一直不付款",
    "late": "二维码过期后才付款",
    "wrong_amount": "付款金额少1分",
    "pays_at_close": "关单的同时付款",
    "pays_after_close": "关单以后仍付款",
    "unknown": "已付款，但一时查不到结果",
    "silent": "已付款，但查询没有回答",
}
TIMED_PRESETS = frozenset({"pays", "late", "wrong_amount", "unknown", "silent"})
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

FAULTS: Mapping[str, str] = {
    **PERMIT_FAULTS,
    "LINE.MUTE": "回答丢失",
    "LINE.LATE": "回答迟到2秒",
    "LINE.DRIP": "回答逐字节到达",
    "LINE.STALL": "回答中途停顿",
    "LINE.TRUNCATE": "回答只到一半",
    "LINE.FLIP": "回答有一位出错",
    "LINE.NOISE_BEFORE": "回答前有杂字节",
    "LINE.NOISE_AFTER": "回答后有杂字节",
    "LINE.LOST_FIRST": "回答缺第一个字节",
    "LINE.DOUBLE": "回答来两遍",
    "LINE.JOIN": "两次回答连在一起",
    "LINE.GARBLE": "回答是乱码（波特率不对）",
    "LINE.HANGUP": "不回答就断线",
    "LINE.HANGUP_MID": "回答到一半断线",
    "LINE.BLOCK": "设备不收数据（流控）",
    "LINE.REFUSE": "下次连接被拒绝",
    "LINE.PERMISSION": "下次连接没有权限",
    "LINE.BUSY": "下次连接时端口被占用",
    "SAM.80": "寻不到卡",
    "SAM.81": "寻到卡但选卡失败",
    "SAM.41": "读卡失败",
    "SAM.31": "卡认证模块失败",
    "SAM.32": "模块认证卡失败",
    "SAM.33": "卡内信息验证失败",
    "SAM.40": "不是身份证（银行卡、公交卡）",
    "SAM.47": "取随机数失败",
    "SAM.10": "模块报告校验和错误",
    "SAM.11": "模块报告长度错误",
    "SAM.21": "模块报告命令错误",
    "SAM.24": "模块不认识此命令",
    "SAM.60": "模块自检失败",
    "SAM.66": "模块未经授权",
    "SAM.CARDLEFT": "读卡中途卡被拿走",
    "SAM.STUCK": "读过的卡再也寻不到",
    "SAM.TWO": "感应区有两张卡",
    "SAM.NOADDR": "卡内没有追加地址",
    "SAM.ADDRS": "卡内有四条追加地址",
    "SAM.TYPE": "证件类型字母不认识",
    "SAM.TEXTLEN": "文字信息长度为零",
    "SAM.NOPHOTO": "卡内没有照片",
    "SAM.PHOTO": "照片无法解码",
    "SAM.NUL": "空位用零字节填充",
    "SAM.SURROGATE": "姓名含半个代理对",
    "SAM.NATION": "民族代码不认识",
    "SAM.SEX": "性别代码为未知",
    "SAM.LONG": "有效期为长期",
    "SAM.EXPIRED": "证件已过期",
    "SAM.BADDATE": "出生日期不存在",
    "SAM.BADCHK": "号码校验位不对",
    "SAM.FP512": "指纹数据只有512字节",
    "SAM.FP0": "没有指纹数据",
    "SAM.SLOW9600": "字节到得像9600波特一样慢",
    "SAM.BAUD": "读卡器波特率与设置不同",
    "SAM.ID": "换了另一块安全模块",
    "QR.MUTE": "不应答，也不送出所读内容",
    "QR.NO_ACK": "执行命令但不应答",
    "QR.NAK": "拒绝命令",
    "QR.ENQ": "不认识命令",
    "QR.TRUNCATE": "内容只送出一半",
    "QR.NO_SUFFIX": "内容缺结束符",
    "QR.DOUBLE_SUFFIX": "结束符送两遍",
    "QR.DUPLICATE": "内容送两遍",
    "QR.LONG": "送出一万字节",
    "PRN.MUTE_STATUS": "不应答状态查询",
    "PRN.CUTTER": "下次切纸时切刀卡住",
    "PRN.HOT": "打印头过热",
    "PRN.OFFLINE": "有人按着走纸键",
    "PRN.SLOW": "每行打印1秒",
    "PRN.STALE_ASB": "状态前夹旧的自动状态（缺纸）",
    "PRN.STALE_BYTE": "状态前夹一个旧字节",
    "PRN.XOFF": "收到数据后要求停发",
    "PRN.POWER_LOSS": "收200字节后断电",
    "PRN.NO_GBK": "没有汉字字库，打印问号",
    "PRN.NO_QR": "不支持二维码指令",
    "PRN.NO_RASTER": "不支持光栅图，打成字母",
    "PRN.ESC_V": "只认识ESC v状态查询",
    "A4.PAPER_OUT": "缺纸",
    "A4.PAPER_LOW": "纸快用完",
    "A4.JAM": "卡纸",
    "A4.COVER": "盖子开着",
    "A4.TONER_LOW": "墨粉快用完",
    "A4.TONER_OUT": "墨粉用完",
    "A4.OFFLINE": "打印服务在，打印机不应答",
    "A4.CLOSED": "队列不收任务",
    "A4.SPOOL_FULL": "打印服务没有空间存任务",
    "A4.STUCK": "任务停在打印中",
    "A4.ABORT": "放弃下一个任务",
    "A4.IPP_1_1": "旧打印机，只懂IPP 1.1",
    "A4.REFUSE": "拒收下一个文件",
    "CAM.STALL": "已打开，但没有画面",
    "CAM.FROZEN": "画面定住不动",
    "CAM.COVERED": "镜头被遮住",
    "CAM.UNPLUG": "拔出（清除即插回）",
    "CAM.BUSY": "被其他程序占用（打开时可见）",
    "CAM.CRASH": "采集进程崩溃",
    "CAM.HANG": "采集进程不再应答",
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

_CAMERA = ("STALL", "FROZEN", "COVERED", "UNPLUG", "BUSY", "CRASH", "HANG")
FALLBACK_FAULTS: Mapping[str, Mapping[str, str]] = {"camera": {f"CAM.{name}": "" for name in _CAMERA}}
"""For a simulator that takes faults but does not answer {"do": "faults"}."""
CAMERA_ONCE = frozenset({"CAM.CRASH", "CAM.HANG"})
"""These are counted; the camera's other faults last a time or until cleared."""
CAMERA_SECONDS = 5


def fault_text(fault_id: str, sentence: str = "") -> str:
    """A fault's sentence: Chinese where there is one. "decide.drop_after" is read as operation and kind."""
    if fault_id in FAULTS:
        return FAULTS[fault_id]
    operation, dot, kind = fault_id.partition(".")
    if dot and kind in FAULTS:
        return f"{OPERATIONS.get(operation, operation)}：{FAULTS[kind]}"
    return sentence or fault_id


def times_text(left: int | None) -> str:
    return "直到清除" if left is None else f"还有{left}次"


def yuan(fen: int) -> str:
    return f"￥{fen // 100:,}.{fen % 100:02d}"
