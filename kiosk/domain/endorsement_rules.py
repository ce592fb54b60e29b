"""Asking the rules EE01 to EE22: whether this person may apply at the machine, and for what.

The rules themselves stand as tables in `endorsement_rules_person` and `endorsement_rules_option`. The platform judges again when it
takes the application; what is refused here only spares the way there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence

from config.endorsement_tables import EndorsementTables
from kiosk.domain.endorsement import Destination, Offer, RegistryRecord, Stop
from kiosk.domain.endorsement_rule import Applicant, OptionFacts, PersonFacts, Phase
from kiosk.domain.endorsement_rules_option import OPTION_RULES, STILL_ONE, in_force
from kiosk.domain.endorsement_rules_person import PERSON_RULES
from kiosk.domain.endorsement_terms import option_of, valid_to
from kiosk.domain.identity import IdCard

__all__ = ["Applicant", "Phase", "first_stop", "in_force", "offers", "shared_stop", "shown", "shown_code", "stops"]

_PHASES: tuple[Phase, ...] = ("card", "permit", "person")
_HELD_BACK = frozenset({"EE11", "EE12", "EE17"})


def first_stop(applicant: Applicant, today: dt.date, tables: EndorsementTables, *, phase: Phase) -> Stop | None:
    """The first rule that stands against the person or the permit, or None: may go on.

    Each phase asks the rules of the phases before it as well, because more is known by then: "card" with the identity card
    alone (which tells the age, too), "permit" with line and chip, "person" with the face's verdict and the registry's answer (None
    there means that the platform knows no such permit).
    """
    return next(iter(stops(applicant, today, tables, phase=phase)), None)


def stops(applicant: Applicant, today: dt.date, tables: EndorsementTables, *, phase: Phase) -> tuple[Stop, ...]:
    """Everything that stands against the person or the permit, in the order of the rules."""
    facts = PersonFacts(applicant, today, tables, phase)
    reached = _PHASES[: _PHASES.index(phase) + 1]
    found = (rule.stop(facts) for rule in PERSON_RULES if rule.since in reached)
    return tuple(stop for stop in found if stop is not None)


def offers(
    registry: RegistryRecord,
    card: IdCard,
    today: dt.date,
    tables: EndorsementTables,
    allowed: Collection[str] = (),
) -> tuple[Offer, ...]:
    """Every option that exists today for this kind of permit, each with fee, end and all that stands against it.

    `allowed` are the ids of the hall's own list; empty: those the catalogue marks for machines. The order is the catalogue's.
    """
    taiwan = registry.permit_number.strip().upper()[:1] in ("L", "T")
    found = []
    for row in tables.options_on(today):
        option = option_of(row)
        if (option.destination is Destination.TAIWAN) != taiwan:
            continue
        end = valid_to(today, option.period, tables.limits.end_convention)
        facts = OptionFacts(row, option, end, registry, card, today, tables, allowed)
        against = tuple(stop for rule in OPTION_RULES if (stop := rule.stop(facts)) is not None)
        fee = tables.fee(option.entries, option.period.months, today, row.destination)
        found.append(Offer(option, fee, end, against))
    return tuple(found)


def shown(found: Iterable[Offer], today: dt.date, tables: EndorsementTables) -> tuple[Offer, ...]:
    """Without the options that exist for the people of one other place only: to everybody else they are noise.

    A page that shows every kind with its reason needs `offers`; a page that shows entries of one kind needs these.
    """
    local = {
        row.id
        for row in tables.options_on(today)
        if row.block.area is not None and tables.area_of(row.block.area).local
    }
    return tuple(
        offer for offer in found if offer.option.id not in local or "EE13" not in {s.refusal.code for s in offer.stops}
    )


def shared_stop(found: Sequence[Offer], tables: EndorsementTables) -> Stop | None:
    """Why none of these options can be chosen: the first reason of most of them, the earlier rule where several are as common. That
    machines do not make some kinds at all (EE21) is the reason only where there is no other. None where something is free, or there
    is nothing at all."""
    if not found or not all(offer.stops for offer in found):
        return None
    made_here = [offer for offer in found if "EE21" not in {stop.refusal.code for stop in offer.stops}]
    first = [(offer.option.destination, offer.stops[0]) for offer in made_here or found]
    codes = [stop.refusal.code for _, stop in first]
    most = max(sorted(set(codes)), key=codes.count)
    if most == STILL_ONE.code:
        places = dict.fromkeys(place for place, stop in first if stop.refusal.code == most)
        return STILL_ONE.say({"place": "和".join(tables.place_name(place) for place in places)})
    return next(stop for _, stop in first if stop.refusal.code == most)


def shown_code(stop: Stop) -> str:
    """The code for screens and paper: EE17 also for EE11 and EE12, because the codes are public and the reason is not."""
    return "EE17" if stop.refusal.code in _HELD_BACK else stop.refusal.code
