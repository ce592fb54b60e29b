"""Answers brought along on a phone, laid under what the card has filled."""

from __future__ import annotations

from config.form_tables import Form
from kiosk.domain.forms.answers import answer, is_locked
from kiosk.domain.forms.record import Record
from kiosk.domain.identity import normalise_id_number


class NotTheSame(ValueError):
    """What was brought is not for here. `why` tells "form" (another form or version) from "person" (another identity number)."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the brought answers are of another {why}")
        self.why = why


def adopt(form: Form, own: Record, brought: Record, id_key: str = "id_no") -> Record:
    """The card's record with the answers of the brought one. The card wins; what the hall's systems give is not taken from a phone.

    Answers are tidied as typed ones are, and judged by `validate` like them. What no question asks is left as it is: nobody could mend it
    here. Raises NotTheSame.
    """
    if (brought.form_id, brought.version) != (form.id, form.version):
        raise NotTheSame("form")
    theirs = normalise_id_number(brought.text(id_key))
    if theirs and theirs != own.text(id_key):
        raise NotTheSame("person")
    asked = {key for question in form.question for key in question.fields}
    for field in form.field:
        text = brought.text(field.key) if field.key in asked else ""
        if text and field.source != "system" and not is_locked(form, own, field.key):
            own = answer(form, own, field.key, text)
    return own
