"""What the rules are asked about: the person, the permit and the record as far as they are known by now."""

from __future__ import annotations

from config.endorsement_tables import EndorsementTables
from kiosk.domain.endorsement_rule import Applicant
from kiosk.journeys.endorsement.visit import Visit
from kiosk.journeys.kit import Kit, Permits
from kiosk.ports.devices import MatchVerdict


def applicant_of(visit: Visit) -> Applicant:
    chip = visit.chip
    return Applicant(
        card=visit.card,
        line=visit.line,
        chip=visit.chip_holder,
        chip_dead=visit.line is not None
        and (visit.chip_holder is None or (chip is not None and chip.hashes_fit is False)),
        face_failed=visit.face is not None and visit.face.verdict is not MatchVerdict.SAME,
        registry=visit.registry,
        chip_full_name=chip.full_name if chip is not None else "",
        chip_personal_number=chip.personal_number if chip is not None else "",
    )


def rules_of(kit: Kit, permits: Permits) -> EndorsementTables:
    """The catalogue, with what this hall's bureau has set for its machines."""
    hall = kit.settings.endorsement
    limits = permits.tables.limits
    mine = {
        "open": limits.open and not hall.closed,
        "end_margin_days": max(limits.end_margin_days, hall.margin_days),
        "min_interval_days": max(limits.min_interval_days, hall.min_interval_days),
        "first_here": limits.first_here or hall.first_at_window,
        "fingerprint": limits.fingerprint or hall.fingerprint,
    }
    return permits.tables.model_copy(update={"limits": limits.model_copy(update=mine)})
