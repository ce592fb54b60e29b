"""C13 of the form service: sign, take everything along, and where to go."""

from __future__ import annotations

from dataclasses import replace

from kiosk.journeys.finish import see_off
from kiosk.journeys.form.sheets import papers_of, sheets_of
from kiosk.journeys.form.visit import Visit
from kiosk.journeys.kit import Kit, applications_of
from kiosk.ports.clock import SHANGHAI
from kiosk.screens.common import Finish


async def finish(visit: Visit, kit: Kit) -> Visit:
    kept, window = visit.kept, kit.settings.kiosk.window
    has_code = bool(sheets_of(visit, kit)[0].qr)
    notes = []
    if kept.draft is not None and kept.draft.appointment is not None:
        made = kept.draft.appointment
        where = f"到{made.window}" if made.window else ""
        begins = made.begins.astimezone(SHANGHAI)  # the platform may tell it in any zone
        notes.append(f"您的预约号是 {made.number}，{begins:%-m月%-d日 %H:%M} {where}".rstrip() + "。")
    if kept.way == "receipt":
        notes.append("照片由窗口按相片回执编号调取，请带上回执。")
    elif kept.way != "camera" and applications_of(kit).form.takes_photo:
        notes.append("请带好证件照片交给窗口。")
    screen = Finish(
        "申请表已打印",
        f"请在表上签名，和身份证一起交到{window}。" + ("窗口扫表上的二维码，不用再填。" if has_code else ""),
        (),
        notes=tuple(notes),
        seconds=int(kit.settings.session.finish_s),
    )
    papers = (f"申请表 {papers_of(visit, kit)} 张",)
    return replace(visit, again=await see_off(kit, screen, "", papers))
