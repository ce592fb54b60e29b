"""One A4 page for the technician: a frame ten millimetres from the edges and a line of text. Shows scaling, margins and toner."""

from __future__ import annotations

_PT = 72 / 25.4
_WIDTH, _HEIGHT, _EDGE = 210 * _PT, 297 * _PT, 10 * _PT


def page(line: str) -> bytes:
    """A whole PDF; of `line` only printable ASCII is shown."""
    shown = "".join(char for char in line if " " <= char <= "~" and char not in "()\\").encode("ascii")
    drawn = b"1 w %.2f %.2f %.2f %.2f re S BT /F 14 Tf %.2f %.2f Td (OneTrip test page: %s) Tj ET" % (
        *(_EDGE, _EDGE, _WIDTH - 2 * _EDGE, _HEIGHT - 2 * _EDGE),
        *(2 * _EDGE, _HEIGHT - 3 * _EDGE, shown),
    )
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %.3f %.3f]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>"
        % (_WIDTH, _HEIGHT),
        b"<</Length %d>>stream\n%s\nendstream" % (len(drawn), drawn),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    out, table = b"%PDF-1.4\n", b"0000000000 65535 f \n"
    for number, content in enumerate(objects, 1):
        table += b"%010d 00000 n \n" % len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    end = b"xref\n0 %d\n%strailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n"
    return out + end % (len(objects) + 1, table, len(objects) + 1, len(out))
