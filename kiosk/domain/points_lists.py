"""What takes how many points: the five lists of 公安部令163 (in force 2022-04-01), numbered as in the order.

The words are ours and short, for displays and staff; they are not the text of the order. What is on no list takes none. A class of two
points no longer exists.
"""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.domain.points import FULL_POINTS

LISTS_FROM = "2022-04-01"
POINTS_OF_ARTICLE: dict[int, int] = {8: FULL_POINTS, 9: 9, 10: 6, 11: 3, 12: 1}
CLASSES = frozenset({0, *POINTS_OF_ARTICLE.values()})
"""第7条, and 0 for what is on no list."""


@dataclass(frozen=True, slots=True)
class PointsItem:
    article: int
    item: int
    act: str
    english: str

    @property
    def key(self) -> str:
        """As violation codes name it: "10-8"."""
        return f"{self.article}-{self.item}"

    @property
    def points(self) -> int:
        return POINTS_OF_ARTICLE[self.article]

    @property
    def source(self) -> str:
        return f"公安部令163 第{self.article}条第{self.item}项"


_ACTS: dict[int, tuple[tuple[str, str], ...]] = {
    8: (
        ("饮酒后驾驶", "driving after drinking"),
        ("造成轻伤以上或者死亡的事故后逃逸，不构成犯罪", "leaving an accident with light injury or worse, no crime"),
        ("使用伪造、变造或者他车的号牌、证件", "forged or another vehicle's plate, licence or school-bus sign"),
        (
            "校车、客运、旅游客车超员 20% 以上，其他客车超员 100% 以上",
            "school bus or coach 20 % over seats, others 100 %",
        ),
        (
            "高速、快速路超速：重点车型 20% 以上，其他 50% 以上",
            "speeding on motorway or expressway: heavy 20 %, others 50 %",
        ),
        ("高速、快速路倒车、逆行、穿越中央分隔带掉头", "reversing, wrong way or U-turn on motorway or expressway"),
        ("替他人接受处罚和记分牟利", "taking another's penalty and points for gain"),
    ),
    9: (
        ("7 座以上客车超员 50% 以上未达 100%", "seven seats or more, 50 to below 100 % over seats"),
        ("重点车型在其他道路超速 50% 以上", "heavy group 50 % over the limit elsewhere"),
        ("高速、快速路违法停车", "stopping on motorway or expressway"),
        ("未悬挂号牌，故意遮挡、污损号牌", "no plate, or plate covered or soiled on purpose"),
        ("驾驶与准驾车型不符的机动车", "vehicle that the licence's class does not cover"),
        ("没有校车驾驶资格驾驶校车", "school bus without the qualification"),
        (
            "中型以上客车、危险品车连续驾驶超过 4 小时",
            "bus or dangerous goods, four hours without a rest of 20 minutes",
        ),
    ),
    10: (
        (
            "校车、客运、旅游客车超员未达 20%，7 座以上 20% 至 50%，其他 50% 至 100%",
            "over seats: coach, or others by band",
        ),
        (
            "重点车型超速：高速、快速路未达 20%，其他道路 20% 至 50%",
            "heavy group speeding: below 20 %, elsewhere 20 to 50 %",
        ),
        (
            "其他车型超速：高速、快速路 20% 至 50%，其他道路 50% 以上",
            "others speeding: 20 to 50 %, elsewhere from 50 %",
        ),
        ("货车超载 50% 以上", "lorry 50 % over its mass"),
        ("载运危险物品未按规定时间、路线、速度或者未悬挂标志", "dangerous goods off route or time, or unmarked"),
        ("载运超限物品未按规定时间、路线、速度或者未悬挂标志", "oversize load off route or time, or unmarked"),
        ("运输危险化学品进入限制区域", "dangerous chemicals in a restricted area"),
        ("不按交通信号灯通行", "red light"),
        ("驾驶证被暂扣或者扣留期间驾驶", "driving while the licence is held or suspended"),
        ("造成轻微伤或者财产损失的事故后逃逸", "leaving an accident with slight injury or damage"),
        ("高速、快速路违法占用应急车道", "emergency lane on motorway or expressway"),
    ),
    11: (
        ("其他客车超员 20% 以上未达 50%", "other cars 20 to below 50 % over seats"),
        ("其他车型在其他道路超速 20% 以上未达 50%", "others 20 to below 50 % over the limit elsewhere"),
        ("高速、快速路不按规定车道行驶", "wrong lane on motorway or expressway"),
        ("不按规定超车、让行，其他道路逆行", "overtaking, failing to yield, wrong way elsewhere"),
        ("排队或者缓行时借道超车、穿插", "cutting into queues"),
        ("拨打、接听手持电话等妨碍安全驾驶", "hand-held telephone and the like"),
        ("人行横道不减速、停车、避让行人", "not slowing, stopping or yielding at a crossing"),
        ("不按规定避让校车", "not yielding to a school bus"),
        ("货车超载 30% 以上未达 50%，或者违反规定载客", "lorry 30 to below 50 % over its mass, or carrying people"),
        ("不按规定安装号牌", "plate not properly fixed"),
        ("故障、事故停车后不用灯光或者警告标志", "breakdown or accident without lights or triangle"),
        ("客运、旅游客车、危险品车未定期检验", "coach or dangerous goods not inspected"),
        ("校车上路前未检查，或者有安全隐患", "school bus not checked, or unsafe"),
        ("货车连续驾驶超过 4 小时", "lorry, four hours without a rest of 20 minutes"),
        ("高速公路低于最低时速", "below the lowest speed of a motorway"),
    ),
    12: (
        ("重点车型在其他道路超速 10% 以上未达 20%", "heavy group 10 to below 20 % over the limit elsewhere"),
        ("不按规定会车，其他道路不按规定倒车、掉头", "meeting, reversing or turning badly"),
        ("不按规定使用灯光", "lights"),
        ("违反禁令标志、禁止标线", "prohibitory sign or marking"),
        ("载货长、宽、高超过规定", "load too long, wide or high"),
        ("货车超载未达 30%", "lorry below 30 % over its mass"),
        ("其他机动车未定期检验", "other vehicle not inspected"),
        ("擅自改变货车结构、构造或者特征", "altered lorry"),
        ("驾驶人未系安全带", "driver's seat belt"),
        ("驾驶摩托车不戴安全头盔", "motorcycle without a helmet"),
    ),
}

ITEMS: tuple[PointsItem, ...] = tuple(
    PointsItem(article, number, act, english)
    for article, acts in _ACTS.items()
    for number, (act, english) in enumerate(acts, 1)
)


def item_of(key: str) -> PointsItem | None:
    """The item that a violation code names ("10-8")."""
    return next((item for item in ITEMS if item.key == key), None)
