"""The sheets of one application: the merged form, and the older ones a hall still takes, filled from the same answers."""

from __future__ import annotations

import structlog

from config.form_tables import Form
from kiosk.domain.forms.carry import carry
from kiosk.domain.forms.conditions import holds, only_valid, valid_texts
from kiosk.domain.forms.payload import PayloadError, encode_record
from kiosk.domain.forms.record import Record
from kiosk.domain.forms.sheet import Sheet
from kiosk.journeys.form.visit import Visit
from kiosk.journeys.kit import Kit, applications_of

log = structlog.get_logger(__name__)


def sheets_of(visit: Visit, kit: Kit) -> tuple[Sheet, ...]:
    """The merged form with its code first. Never raises: a code that cannot be made leaves its place empty."""
    made, record, photo = applications_of(kit), visit.record, visit.photo
    texts = valid_texts(made.form, record)
    sheets = [Sheet(made.form, texts, photo, _code(visit, kit), _marked(record))]
    for older in older_of(visit, kit):
        old = carry(made.form, record, older)
        sheets.append(Sheet(older, valid_texts(older, old), photo, "", _marked(old)))
    return tuple(sheets)


def older_of(visit: Visit, kit: Kit) -> tuple[Form, ...]:
    """The older forms that these answers call for."""
    made = applications_of(kit)
    texts = valid_texts(made.form, visit.record)
    return tuple(older for older in made.older if holds(older.applies, lambda key: texts.get(key, "")))


def papers_of(visit: Visit, kit: Kit) -> int:
    """How many pieces of paper come out."""
    sides = 2 if applications_of(kit).both_sides else 1
    return -(-(1 + len(older_of(visit, kit))) // sides)


def _code(visit: Visit, kit: Kit) -> str:
    """The record, signed, so that the window need not type it."""
    made = applications_of(kit)
    try:
        return encode_record(only_valid(made.form, visit.record), made.signing_key, kit.clock.now())
    except PayloadError as error:
        log.error("form_code_not_made", why=error.why)
        return ""


def _marked(record: Record) -> frozenset[str]:
    return frozenset(key for key in record if record.source(key) in ("id", "derived"))
