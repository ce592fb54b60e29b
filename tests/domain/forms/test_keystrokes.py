"""One tap instead of typing: what a typical citizen types against the whole form, at most a fifth.

Counted as on a keypad: a letter or digit is one key, a Chinese character four (three of its sound and the choice). Ticks are taps, not
typing, and count on neither side.
"""

from __future__ import annotations

from config.form_tables import Form
from kiosk.domain.forms.answers import confirm
from kiosk.domain.forms.conditions import valid_texts
from kiosk.domain.forms.record import Record
from kiosk.domain.forms.validate import validate
from tests.domain.forms.conftest import TODAY, TYPICAL, answered

WITHOUT_TYPING = ("tick", "choice", "matrix", "photo", "barcode")


def keys_for(form: Form, key: str, text: str) -> int:
    field = form.field_of(key)
    if field.kind in WITHOUT_TYPING:
        return 0
    shown = form.option_text(field, text)
    digits = shown.replace("-", "") if field.kind == "date" else shown
    return sum(1 if c.isascii() else 4 for c in digits)


def counted(form: Form, record: Record) -> tuple[int, int]:
    """Keys the citizen typed, keys of everything printed."""
    texts = {key: text for key, text in valid_texts(form, record).items() if form.field_of(key).cells}
    typed = {key for key in texts if record.source(key) == "user"}
    return (
        sum(keys_for(form, key, texts[key]) for key in typed),
        sum(keys_for(form, key, text) for key, text in texts.items()),
    )


def test_a_typical_citizen_types_a_fifth_at_most(form: Form, complete: Record) -> None:
    typed, whole = counted(form, complete)
    assert typed == 11 + 3 * 4 + 11  # own phone, somebody's name and phone
    assert typed * 5 <= whole
    assert not validate(form, confirm(form, complete), TODAY)


def test_by_post_only_the_postcode_is_more(form: Form, tapped: Record) -> None:
    typed, whole = counted(form, answered(form, tapped, **(TYPICAL | {"delivery": "post", "post_code": "315100"})))
    assert typed == 11 + 3 * 4 + 11 + 6
    assert typed * 6 <= whole


def test_three_documents_cost_no_more_typing(form: Form, complete: Record) -> None:
    one, _ = counted(form, complete)
    three = answered(
        form,
        complete,
        want_hkmo="1",
        hkmo_scope="both",
        endo_hk="G",
        endo_mo="G",
        want_tw="1",
        tw_scope="both",
        tw_reason="TM",
    )
    assert counted(form, three)[0] == one
    assert not validate(form, confirm(form, three), TODAY)
