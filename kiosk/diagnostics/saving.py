"""Orders to save something: the log, the readiness report, the audit chain."""

from __future__ import annotations

import asyncio
import hashlib
import json

from kiosk.care.readiness_json import as_json
from kiosk.diagnostics.export import ExportFailed, caption, places, save
from kiosk.diagnostics.logring import Wanted
from kiosk.diagnostics.visit import Refused, Visit
from kiosk.screens.diagnostics import Order

_CHUNK = 500


async def export(visit: Visit, order: Order) -> None:
    if order.key not in ("log", "readiness", "audit"):
        raise Refused("没有这种导出。")
    if order.key == "readiness" and visit.found is None:
        raise Refused("还没有自检结果，请先自检。")
    visit.begin(_export(visit, order.key, order.value))


async def _export(visit: Visit, what: str, place: str) -> None:
    tools = visit.tools
    found = await asyncio.to_thread(places, tools.export_folders, tools.media)
    folder = found.get(place) if place else next(iter(found.values()), None)
    if folder is None:
        raise Refused("没有找到 U 盘或文件夹，请插好再试。")
    place = place or next(iter(found))
    content, ending, rows = await _content(visit, what)
    digest = hashlib.sha256(content).hexdigest()
    target = "".join(char if char.isascii() and (char.isalnum() or char in "_.:+/@%-") else "_" for char in place)[:80]
    await visit.record("exported", what=what, target=target, rows=rows, sha256=digest)
    name = f"onetrip-{tools.kiosk_id}-{what}-{tools.clock.now():%Y%m%d-%H%M%S}.{ending}"
    visit.say("正在保存。")
    try:
        saved = await asyncio.to_thread(save, folder, name, content)
    except ExportFailed as failed:
        raise Refused(str(failed)) from failed
    visit.say(f"已保存到 {caption(place)}：{saved.path.name}")


async def _content(visit: Visit, what: str) -> tuple[bytes, str, int]:
    """The file's bytes, its ending, and how many rows it holds."""
    tools = visit.tools
    if what == "log":
        lines = [line.plain() for line in tools.ring.all(Wanted())]
        return "".join(f"{line}\n" for line in lines).encode(errors="replace"), "log", len(lines)
    if what == "readiness":
        assert visit.found is not None
        report = as_json(visit.found, tools.kiosk_id, await tools.audit.anchor())
        return _json(report), "json", len(visit.found.devices)
    rows: list[str] = []
    before: int | None = None
    while chunk := await tools.audit.rows(before, _CHUNK):
        rows += [
            json.dumps(
                {"seq": row.seq, "at": row.at, "who": row.who, "what": row.what, "detail": dict(row.detail)},
                ensure_ascii=False,
            )
            for row in chunk
        ]
        before = chunk[-1].seq
    rows.reverse()
    return "".join(f"{row}\n" for row in rows).encode(errors="replace"), "jsonl", len(rows)


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()
