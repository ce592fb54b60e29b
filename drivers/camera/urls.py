"""Camera URLs, without loading any library."""

from __future__ import annotations

import re
from urllib.parse import unquote

_COUNTER = re.compile(r"(%0\d?d|%d(?![0-9A-Fa-f]))")
"""The counter of an image sequence. A URL escape reads %03, a counter %03d: the counter wins."""
_PICTURES = (".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff")


def known(url: str) -> bool:
    return url == "sim:" or url.startswith(("v4l2:/", "file:/"))


def file_path(url: str) -> str:
    """The path in a file: or v4l2: URL: escapes undone, the counter of an image sequence (`%03d`) kept."""
    path = url.split(":", 1)[1]
    path = "/" + path.removeprefix("//localhost/").lstrip("/")
    return "".join(piece if _COUNTER.fullmatch(piece) else unquote(piece) for piece in _COUNTER.split(path))


def is_sequence(url: str) -> bool:
    return url.startswith("file:") and _COUNTER.search(url) is not None


def is_static(url: str) -> bool:
    """True for one still picture, which never changes and so can never be called frozen."""
    return url.startswith("file:") and not is_sequence(url) and file_path(url).lower().endswith(_PICTURES)
