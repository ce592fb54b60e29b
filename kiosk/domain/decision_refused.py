"""Why a record was not decided after all, in one plain sentence: the platform's codes, and what the ledger wrote down.

The platform asks the same rules as the machine a moment later, with everything it knows by then; its codes are those of the wire contract
(`decide`), which may grow: a code nobody knows has a sentence as well. No sentence ends with a full stop, none says more than what
is the matter and what to do.
"""

from __future__ import annotations

from collections.abc import Mapping

from kiosk.domain.errors import Refusal

NOT_SENT = "not_sent"
"""Why a record was withdrawn because the one before it is not known to be decided."""
NOT_NUMBERED = "not_numbered"
UNKNOWN_CODE = "业务系统没有受理，请到人工窗口处理"

_BY_CODE: Mapping[str, str] = {
    NOT_SENT: "前一条的结果还在核对，这条没有提交，请稍后再来",
    NOT_NUMBERED: "暂时取不到决定书编号，请稍后再来",
    # of the record
    "already_decided": "这条违法已经处理过，可以用决定书编号缴款",
    "record_not_open": "这条违法正在核查，有结果后再处理",
    "record_held": "这条违法正在别的机器或窗口办理，请稍后再来",
    "held_elsewhere": "这条违法正在别的机器或窗口办理，请稍后再来",
    "unknown_record": "业务系统里查不到这条违法，请到人工窗口核对",
    "general_procedure": "这条违法要按一般程序处理，请到人工窗口处理",
    "too_many_points": "这条违法记分较多，请到人工窗口处理",
    "record_incomplete": "这条违法的资料不全，请到人工窗口查看",
    "window_only": "这种违法只能在人工窗口处理",
    "under_case": "这条违法涉及案件，请到人工窗口处理",
    # of the person
    "no_licence": "没有查到您的驾驶证，请到人工窗口核对",
    "licence_blocked": "您的驾驶证状态不能处理违法，请到人工窗口核对",
    "licence_expired": "您的驾驶证过了有效期，请先换证",
    "licence_kind": "这种驾驶证请到人工窗口处理",
    "suspected_proxy": "需要民警核实，请到人工窗口处理",
    "not_licensed_then": "违法发生时您的驾驶证无效，请到人工窗口处理",
    "points_limit": "处理后累积记分会达到 12 分，请到人工窗口处理",
    "others_closed": "您现在不能处理别人车辆的违法，请到人工窗口处理",
    "too_many_plates": "本周期内处理过的别人的车太多，请带实际驾驶的证据到人工窗口处理",
    "two_places": "另一辆车同一时间在别处也有违法，请到人工窗口核实",
    # of the vehicle
    "key_vehicle": "这是重点管理车辆，请到人工窗口处理",
    "plate_type": "这种号牌请到人工窗口处理",
    "vehicle_status": "车辆现在的状态不能处理违法，请到人工窗口处理",
    "wrong_class": "您的准驾车型不包括这种车，请到人工窗口处理",
    "unit_vehicle": "这是单位的车，请先备案，或到人工窗口处理",
    "not_filed_in_time": "违法之前这辆车没有备案到您名下，请实际驾驶人处理",
    "too_many_licences": "这辆车本周期记分的人太多，请实际驾驶人到人工窗口处理",
    # of the consent and the number
    "no_consent": "业务系统没有收到您的签名，请到人工窗口处理",
    "not_recorded": "签名时的录音录像没有被接受，请到人工窗口处理",
    "number_missing": "暂时取不到决定书编号，请稍后再来",
    "number_not_reserved": "决定书编号已失效，请稍后再来",
    "pool_exhausted": "决定书编号用完了，请叫工作人员，或到人工窗口处理",
}


def sentence(why: str, rules: Mapping[str, Refusal]) -> str:
    """For what the ledger wrote down as the reason: `refused:` and the platform's code, `rule:` and the machine's own (whose words
    stand in `rules`), or one of the words above."""
    kind, _, code = why.partition(":")
    if kind == "rule" and code in rules:
        return rules[code].message.rstrip("。")
    return _BY_CODE.get(code or kind, UNKNOWN_CODE)


def summed_up(sentences: list[str]) -> str:
    """One sentence for each reason, with the number of records where they differ."""
    counts = dict.fromkeys(sentences, 0)
    for each in sentences:
        counts[each] += 1
    if len(counts) == 1:
        return f"{sentences[0]}。"
    return "".join(f"{count} 条：{each}。" for each, count in counts.items())
