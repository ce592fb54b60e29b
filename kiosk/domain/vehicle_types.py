"""车辆类型 in words, by the codes of GA/T 16.4 that cars, light trucks and motorcycles have."""

from __future__ import annotations

from collections.abc import Mapping

_NAMES: Mapping[str, str] = {
    "K11": "大型普通客车",
    "K12": "大型双层客车",
    "K13": "大型卧铺客车",
    "K14": "大型铰接客车",
    "K15": "大型越野客车",
    "K16": "大型轿车",
    "K21": "中型普通客车",
    "K22": "中型双层客车",
    "K23": "中型卧铺客车",
    "K24": "中型铰接客车",
    "K25": "中型越野客车",
    "K31": "小型普通客车",
    "K32": "小型越野客车",
    "K33": "小型轿车",
    "K41": "微型普通客车",
    "K42": "微型越野客车",
    "K43": "微型轿车",
    "H11": "重型普通货车",
    "H21": "中型普通货车",
    "H31": "轻型普通货车",
    "H41": "微型普通货车",
    "M11": "普通正三轮摩托车",
    "M12": "轻便正三轮摩托车",
    "M21": "普通二轮摩托车",
    "M22": "轻便二轮摩托车",
}
_GROUPS: Mapping[str, str] = {
    "K1": "大型客车",
    "K2": "中型客车",
    "K3": "小型客车",
    "K4": "微型客车",
    "H1": "重型货车",
    "H2": "中型货车",
    "H3": "轻型货车",
    "H4": "微型货车",
    "Q1": "重型牵引车",
    "Q2": "中型牵引车",
    "M1": "三轮摩托车",
    "M2": "二轮摩托车",
}


def vehicle_kind(code: str) -> str:
    """小型轿车 for K33; the group for a code that is not listed, empty for one of no known group: nothing is guessed on a decision."""
    code = code.strip().upper()
    return _NAMES.get(code) or _GROUPS.get(code[:2], "")
