"""The services as the home screen names them; light enough for the first paint."""

from __future__ import annotations

from kiosk.screens.home import Home, ServiceCard

VIOLATION = ServiceCard("violation", "交通违法处理", "查询、确认并缴纳本人违法罚款", 3, "身份证", "car-alert")
ENDORSEMENT = ServiceCard(
    "endorsement", "港澳通行证签注", "往来港澳通行证再次签注，立等可取", 5, "身份证、通行证", "passport"
)
FORM = ServiceCard("form", "出入境证件申请表", "刷身份证自动填表，拍照、打印一次办好", 4, "身份证", "form")
FINE = ServiceCard("fine", "凭决定书缴罚款", "已有处罚决定书，输入编号或扫码缴款", 2, "处罚决定书", "receipt")
REPRINT = ServiceCard("reprint", "补打凭证", "用身份证或决定书编号，补打凭证", 1, "身份证或决定书", "printer")
MOST_CARDS = 3
"""Large cards that stand on the home screen at a time."""


def first_home(unavailable: str, *, permits: bool, form: bool) -> Home:
    """The home screen before anything is known but what the machine was built with: as `lobby.home` says it a moment later, so that no
    card comes, goes or changes its place."""
    cards = [VIOLATION, FINE, *([ENDORSEMENT] if permits else []), *([FORM] if form else [])]
    tiles = [REPRINT]
    if len(cards) > MOST_CARDS:
        cards.remove(FINE)
        tiles.insert(0, FINE)
    return Home(
        tuple(card._replace(unavailable=unavailable) for card in cards),
        tuple(tile._replace(unavailable=unavailable) for tile in tiles),
    )
