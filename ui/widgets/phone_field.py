"""PhoneField: a mobile number, grouped 3-4-4."""

from __future__ import annotations

from ui.widgets.digits_field import DigitsField

PLACES = 11


class PhoneField(DigitsField):
    spoken = "手机号码"
    groups = (3, 4, 4)
    heights = (152, 164)
    widest = 68
    between = 40
    margin = 32
    roles = ("display", "h1")
    bold = False
    inset = 10
    line_up = 36
