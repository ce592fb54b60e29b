"""What the page of a question says besides the question: its hint, its button, and what has no place at a field."""

from __future__ import annotations

from collections.abc import Sequence

from kiosk.screens.form import FieldAsked, FormQuestion
from ui.widgets.bars import Action
from ui.widgets.form_entry import Entry
from ui.widgets.text import Tone

LOOK = "请核对：这一项是机器填的，不对就改。"
NOT_CHOSEN_YET = "拼音还没有选成字，请在键盘上面点一个字。"
HELP = (
    "用键盘打字：打出拼音，上面会出现字，点一下就填上。",
    "身份证上读出来的内容不用改，生僻字也不用重新打。",
    "打不出来的字，先用拼音字母代替，到窗口请工作人员改好。",
)


def question_hint(screen: FormQuestion) -> str:
    """There is always one: what can be touched then starts low enough to be reached."""
    asked = [field for field in screen.fields if not field.locked]
    parts = [screen.hint]
    if len(screen.fields) == 1 and asked:
        field = asked[0]
        if field.example and field.ask != "choice":
            parts.append(f"例如：{field.example}")
        if field.optional and field.ask == "choice":
            parts.append("选错了，再点一下就取消。")
    return "".join(parts) or _usual_hint(screen.fields)


def _usual_hint(fields: Sequence[FieldAsked]) -> str:
    if all(field.locked for field in fields):
        return "这些来自身份证，不能改。有不对的，请呼叫工作人员。"
    if all(field.ask in ("choice", "ticks") for field in fields):
        return "点一下就选中。" if len(fields) == 1 else "点一下选中，再点一下取消。"
    if len(fields) > 1:
        return "点哪一项就填哪一项。"
    return "先选省、市、县，再填街道和门牌号。" if fields[0].ask == "address" else "用键盘填写。"


def way_on(entries: Sequence[Entry], active: Entry | None, following: Entry | None, changing: bool) -> Action:
    """The button: on to the next field, past a question nobody has to answer, or on."""
    if following is not None:
        waiting = active is not None and active.missing
        return Action("下一项", "primary", "arrow-right", icon_after=True, waiting=waiting)
    fillable = [entry for entry in entries if entry.fillable]
    ticks = any(entry.asked.ask == "ticks" for entry in entries)
    empty = all(entry.asked.optional and not entry.value for entry in fillable)
    if fillable and not ticks and empty and not changing:
        return Action("跳过", "primary", "arrow-right", icon_after=True, spoken="不填，跳过这一题")
    caption = "改好了，返回核对" if changing else "下一步"
    waiting = any(entry.missing for entry in entries)
    return Action(caption, "primary", "arrow-right", icon_after=True, waiting=waiting)


def note(entries: Sequence[Entry], sole: bool) -> tuple[Tone, str]:
    """`sole`: the question is one list, and no box shows what was chosen."""
    troubled = [entry for entry in entries if entry.trouble]
    bare = [entry for entry in troubled if entry.asked.ask == "ticks" or sole]
    if bare:
        return "bad", bare[0].trouble
    if len(troubled) > 1:
        return "bad", f"有 {len(troubled)} 处要改：{'、'.join(entry.asked.label for entry in troubled)}"
    return "warn", LOOK if sole and any(entry.origin == "machine" for entry in entries) else ""


def list_button(entry: Entry) -> tuple[str, str]:
    """(caption, icon) of the button that leads from the keypad to the list; empty where there is no list."""
    if entry.tool in ("choices", "areas", "none"):
        return "", ""
    if entry.asked.ask == "address":
        return "改省市县" if entry.value else "选省市县", "map-pin"
    return ("从列表里选", "list") if entry.asked.ask == "choice" else ("", "")
