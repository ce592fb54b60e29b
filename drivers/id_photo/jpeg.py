"""The file: baseline JPEG within the profile's bytes, 24-bit RGB, resolution in the JFIF header, no other metadata.

The values are sRGB, said by the absence of any profile as the JPEG/JFIF custom is: an embedded one would only cost bytes.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from PIL import Image as Pillow

from config.photo_rules import FileRules
from drivers.camera.people import Image


@dataclass(frozen=True, slots=True)
class Encoded:
    data: bytes = field(repr=False)
    width: int
    height: int
    quality: int

    def fits(self, rules: FileRules) -> bool:
        return rules.bytes_min <= len(self.data) <= rules.bytes_max


def encode(draw: Callable[[int, int], Image], rules: FileRules, largest: int | None = None) -> Encoded:
    """The best that fits: quality from `quality_first` down to `quality_min`, then the next smaller size; a file too small
    goes up to 100. `draw(width, height)` gives the picture; sizes wider than `largest` are left out as long as one remains.

    Where nothing fits, the nearest is returned and `fits` says no.
    """
    sizes = [size for size in rules.sizes if largest is None or size[0] <= largest] or [rules.sizes[-1]]
    nearest: Encoded | None = None
    for width, height in sizes:
        picture = Pillow.fromarray(np.ascontiguousarray(draw(width, height)[..., ::-1]), "RGB")
        made = _within(picture, rules)
        if made.fits(rules):
            return made
        nearest = made
    assert nearest is not None  # a profile has a size
    return nearest


def _within(picture: Pillow.Image, rules: FileRules) -> Encoded:
    made = _at(picture, rules.quality_first, rules.dpi)
    if len(made.data) < rules.bytes_min:
        for quality in range(rules.quality_first + 1, 101):
            made = _at(picture, quality, rules.dpi)
            if len(made.data) >= rules.bytes_min:
                break
        return made
    if len(made.data) <= rules.bytes_max:
        return made
    low, high = rules.quality_min, rules.quality_first - 1
    best = _at(picture, low, rules.dpi)
    while low < high:  # bytes grow with quality
        middle = (low + high + 1) // 2
        made = _at(picture, middle, rules.dpi)
        if len(made.data) <= rules.bytes_max:
            low, best = middle, made
        else:
            high = middle - 1
    return best


def _at(picture: Pillow.Image, quality: int, dpi: int) -> Encoded:
    out = io.BytesIO()
    # 4:4:4: red lips and dark hair against white are the edges that halved colour smears.
    picture.save(out, "JPEG", quality=quality, subsampling=0, dpi=(dpi, dpi))
    return Encoded(out.getvalue(), picture.width, picture.height, quality)
