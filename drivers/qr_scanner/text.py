"""What a code's bytes say: strict UTF-8, else strict GB18030, else nothing. The bytes themselves are always kept.

The text view has no byte-order mark and no control characters; a NUL or a group separator is in `raw` only.
"""

from __future__ import annotations

import unicodedata

MAX_CODE_BYTES = 3000
"""The largest QR symbol (version 40-L) holds 2953 bytes; whatever is longer is not one code."""


def text_of(raw: bytes) -> str | None:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        return "".join(c for c in text if unicodedata.category(c) != "Cc")
    return None
