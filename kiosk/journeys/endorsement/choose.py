"""C15–C16: what kind, where to, how often; the phone number; and everything once more before it costs money."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from config.endorsement_tables import EndorsementTables
from kiosk.domain.endorsement import Offer, Stop
from kiosk.domain.endorsement_rules import first_stop, offers, shared_stop, shown
from kiosk.domain.errors import Refusal
from kiosk.domain.identity import is_mobile, mask_name, mask_number, mask_phone
from kiosk.domain.texts import written_date
from kiosk.journeys.endorsement.applicant import applicant_of, rules_of
from kiosk.journeys.endorsement.permit import permits_of, turn_away
from kiosk.journeys.endorsement.visit import Kept, Visit
from kiosk.journeys.endorsement.words import (
    fee_title,
    held_text,
    kind_detail,
    kind_name,
    option_detail,
    option_title,
    place_name,
)
from kiosk.journeys.kit import Kit, reach
from kiosk.screens.base import Back, Row, ask
from kiosk.screens.endorsement import (
    ChooseDestinations,
    ChooseEndorsementKind,
    ChooseEntries,
    EnterPhone,
    EntryGroup,
    EntryOption,
    FeeLine,
    HeldRow,
    KindRow,
    PlaceRow,
    ReviewEndorsement,
)


async def look_up(visit: Visit, kit: Kit) -> Visit:
    """Ask the registry, and stop here whom a rule stops (EE01–EE22, in their order)."""
    permits = permits_of(kit)
    number, permit = visit.holder.number, visit.permit.number
    registry = await reach(kit, "正在查询签注信息", lambda: permits.platform.registry(number, permit))
    visit = replace(visit, registry=registry)
    today = kit.clock.now().date()
    rules = rules_of(kit, permits)
    stop = first_stop(applicant_of(visit), today, rules, phase="person")
    if stop is not None or registry is None:
        await turn_away(visit, kit, stop or _unknown_permit())
    found = offers(visit.record, visit.holder, today, rules, kit.settings.endorsement.allowed)
    found = shown(found, today, rules)
    if all(offer.stops for offer in found):
        await turn_away(visit, kit, shared_stop(found, rules) or _nothing_on())
    return replace(visit, offers=found)


def _unknown_permit() -> Stop:
    return Stop(
        Refusal("EE17", "查不到这本通行证的信息。请带好证件到人工窗口核对。", reason="no such permit"), "window"
    )


def _nothing_on() -> Stop:
    return Stop(Refusal("EE21", "本机暂不办理签注。请到人工窗口办理。", reason="no option is switched on"), "refuse")


async def choose(visit: Visit, kit: Kit) -> Visit:
    """Kind, places, entries, phone: one page after the other. Back goes one page back; what was chosen stays ticked. After a change
    asked for on the last page, pages that need no new answer are left out."""
    kept, tables = visit.kept, permits_of(kit).tables
    while True:
        if kept.open_at == "kind":
            kind = await ask(kit.desk, kinds_screen(visit, tables))
            if not _kind_offers(visit, kind):
                continue
            if kind != kept.kind:
                kept.kind, kept.places, kept.entries = kind, (), ()
            kept.open_at = "places"
        elif kept.open_at == "places":
            try:
                kept.places = await ask(kit.desk, _places(visit, tables))
            except Back:
                kept.open_at = "kind"
                continue
            kept.open_at = "entries"
        elif kept.open_at == "entries":
            try:
                entries = await ask(kit.desk, entries_screen(visit, tables))
            except Back:
                kept.open_at = "places"
                continue
            if not _fits(visit, entries):
                continue
            kept.entries = entries
            kept.open_at = "phone"
            if kept.changing:
                return visit
        else:
            try:
                await _phone(kept, kit)
            except Back:
                kept.open_at = "entries"
                continue
            return visit


async def _phone(kept: Kept, kit: Kit) -> None:
    """The hall calls this number when something about the application is unclear."""
    trouble = ""
    while True:
        phone = await ask(kit.desk, EnterPhone(kept.phone, trouble))
        if is_mobile(phone):
            kept.phone = phone
            return
        trouble = "手机号不对，请核对 11 位号码。"


def _fits(visit: Visit, entries: Sequence[str]) -> bool:
    """One free option for each chosen place, and of the chosen kind: a page cannot answer anything else, but this costs money."""
    by_id = {offer.option.id: offer for offer in _kind_offers(visit, visit.kept.kind)}
    return [by_id[e].option.destination.value for e in entries if e in by_id] == list(visit.kept.places)


def _kind_offers(visit: Visit, kind: str) -> list[Offer]:
    """What is free of this kind."""
    return [offer for offer in visit.offers if offer.option.kind == kind and not offer.stops]


def _place_of(visit: Visit, kind: str) -> str:
    """A place the kind is for: a letter means one thing for all places of one permit (those for Taiwan have permits of their own)."""
    return next((offer.option.destination for offer in visit.offers if offer.option.kind == kind), "")


def _kind_title(visit: Visit, tables: EndorsementTables, kind: str) -> str:
    return kind_name(tables, _place_of(visit, kind), kind)


def kinds_screen(visit: Visit, tables: EndorsementTables) -> ChooseEndorsementKind:
    record = visit.record
    rows: list[KindRow] = []
    for kind in dict.fromkeys(offer.option.kind for offer in visit.offers):
        locked = "" if _kind_offers(visit, kind) else _why(visit, tables, kind)
        detail = kind_detail(_place_of(visit, kind), kind)
        rows.append(KindRow(kind, _kind_title(visit, tables, kind), detail, locked))
    today_held = [held for held in record.endorsements if held.entries_left != 0]
    return ChooseEndorsementKind(
        mask_name(visit.holder.name),
        mask_number(visit.permit.number),
        written_date(visit.permit.expiry),
        tuple(HeldRow(place_name(tables, held.destination), held_text(tables, held)) for held in today_held),
        tuple(rows),
    )


def _why(visit: Visit, tables: EndorsementTables, kind: str, place: str = "") -> str:
    """The reason that takes a kind, or a kind's place, away altogether."""
    found = [
        offer for offer in visit.offers if offer.option.kind == kind and place in ("", offer.option.destination.value)
    ]
    return (shared_stop(found, tables) or _nothing_on()).refusal.message


def _places(visit: Visit, tables: EndorsementTables) -> ChooseDestinations:
    kept = visit.kept
    free = {offer.option.destination.value for offer in _kind_offers(visit, kept.kind)}
    all_of_kind = [offer.option.destination.value for offer in visit.offers if offer.option.kind == kept.kind]
    rows = []
    for place in dict.fromkeys(all_of_kind):
        fees = [offer.fee_fen for offer in _kind_offers(visit, kept.kind) if offer.option.destination.value == place]
        detail = f"{min(fees) // 100} 元起" if fees else ""
        locked = "" if place in free else _why(visit, tables, kept.kind, place)
        rows.append(PlaceRow(place, place_name(tables, place), detail, locked))
    return ChooseDestinations(
        _kind_title(visit, tables, kept.kind), tuple(rows), tuple(p for p in kept.places if p in free)
    )


def entries_screen(visit: Visit, tables: EndorsementTables) -> ChooseEntries:
    kept = visit.kept
    groups = []
    for place in kept.places:
        found = [o for o in visit.offers if o.option.kind == kept.kind and o.option.destination.value == place]
        options = tuple(
            EntryOption(
                offer.option.id,
                option_title(offer.option),
                option_detail(offer),
                offer.fee_fen,
                offer.stops[0].refusal.message if offer.stops else "",
            )
            for offer in found
        )
        free = [option.id for option in options if not option.locked]
        chosen = next((entry for entry in kept.entries if entry in free), free[0] if len(free) == 1 else "")
        groups.append(EntryGroup(place, place_name(tables, place), options, chosen))
    return ChooseEntries(_kind_title(visit, tables, kept.kind), tuple(groups))


async def review(visit: Visit, kit: Kit) -> Visit:
    """C16. A change leads back to its page, with everything else as it was."""
    kept, tables = visit.kept, permits_of(kit).tables
    declaration = kit.tables.legal.in_force("endorsement_declaration", kit.clock.now().date()).paragraphs
    rows = (
        Row("通行证", f"{mask_name(visit.holder.name)} {mask_number(visit.permit.number)}"),
        Row("种类", _kind_title(visit, tables, kept.kind)),
        Row("前往地", "、".join(place_name(tables, place) for place in kept.places)),
        *(
            Row(place_name(tables, offer.option.destination), f"{option_title(offer.option)}，{option_detail(offer)}")
            for offer in visit.chosen()
        ),
        Row("联系电话", mask_phone(kept.phone)),
    )
    changes = ("", "kind", "places", *("entries" for _ in kept.entries), "phone")
    fees = tuple(FeeLine(fee_title(tables, offer.option), offer.fee_fen) for offer in visit.chosen())
    kept.changing = False
    screen = ReviewEndorsement(rows, changes, fees, visit.fee_fen(), "".join(declaration))  # type: ignore[arg-type]
    answer = await ask(kit.desk, screen)
    if answer == "submit":
        return visit
    kept.open_at, kept.changing = answer, True
    raise Back
