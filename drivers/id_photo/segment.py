"""The person cut from the background: GrabCut from what the face's place makes certain, then a soft edge along the hair."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from drivers.camera.people import Image, Mask
from drivers.id_photo.geometry import ORDINARY, Head
from drivers.id_photo.view import LEFT, SIZE, TOP, UNIT, View, behind, column, grid, row

_HAIR = 2.95
"""IED. Wider than this is hair that hangs over the ears: breadth from ear to ear is 2.2-2.8 IED (own, M)."""
_ROUNDS = 3
_SHRINK = 0.5
"""GrabCut works at this size of the view: it costs what it has pixels, and the edge is made afterwards."""


def person(view: View, chin: float) -> Mask:
    """1 where the person is, 0 where not, over the whole view; still with hard edges. `chin` is eyes to chin in IED."""
    x, y = grid()
    hints = np.full(SIZE[::-1], cv2.GC_PR_BGD, np.uint8)
    shoulder = chin + 0.55
    likely = (x / 1.7) ** 2 + ((y - 0.2) / 2.2) ** 2 < 1
    likely |= (y > shoulder) & (np.abs(x) < 1.2 + 1.6 * (y - shoulder))
    hints[likely] = cv2.GC_PR_FGD
    # Brows to chin, the neck and the middle of the chest are the person whatever they wear.
    certain = (x / 0.85) ** 2 + ((y - 0.35) / (chin - 0.45)) ** 2 < 1
    certain |= (np.abs(x) < 0.4) & (y > 0)
    certain |= (y > shoulder + 0.25) & (np.abs(x) < 1.1)
    hints[certain] = cv2.GC_FGD
    hints[behind() & view.inside] = cv2.GC_BGD
    size = (round(SIZE[0] * _SHRINK), round(SIZE[1] * _SHRINK))
    small = np.asarray(cv2.resize(view.bgr, size, interpolation=cv2.INTER_AREA), np.uint8)
    marks = np.asarray(cv2.resize(hints, size, interpolation=cv2.INTER_NEAREST), np.uint8)
    if not (marks == cv2.GC_BGD).any():
        return np.ones(hints.shape, np.float32)  # no background is seen at all; the check of the background says so
    cv2.setRNGSeed(7)  # its colour models begin with random clusters: the same frame must give the same photo
    models = np.zeros((1, 65), np.float64), np.zeros((1, 65), np.float64)
    cv2.grabCut(small, marks, (0, 0, 1, 1), models[0], models[1], _ROUNDS, cv2.GC_INIT_WITH_MASK)
    solid = _largest(((marks == cv2.GC_FGD) | (marks == cv2.GC_PR_FGD)).astype(np.uint8))
    return np.asarray(cv2.resize(solid.astype(np.float32), view.bgr.shape[1::-1], interpolation=cv2.INTER_LINEAR))


def _largest(mask: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """The one body, without crumbs around it and without holes in it (a white collar is not the wall)."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=4)
    if count > 2:
        mask = (labels == 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(1 - mask, connectivity=4)
    height, width = mask.shape
    for label in range(1, count):
        left, top, wide, high, area = (int(v) for v in stats[label])
        touches = left == 0 or top == 0 or left + wide == width
        if not touches and area < 0.01 * mask.size and top + high < height:
            mask[labels == label] = 1
    return mask


def panel(picture: Image, mask: Mask, colour: tuple[float, float, float]) -> Mask:
    """The background as it would be without the person: its own slow changes where it is seen, carried on behind the person, and
    `colour` (blue, green, red) where none is near.
    """
    side = 2 * (picture.shape[1] // 9) + 1
    seen = 1 - cv2.dilate(np.asarray(mask > 0.5, np.uint8), _reach(picture))
    weight = cv2.boxFilter(seen.astype(np.float32), -1, (side, side))[..., None]
    average = cv2.boxFilter(picture.astype(np.float32) * seen[..., None], -1, (side, side))
    # A fiftieth of the whole counts for the colour everywhere: it decides where nothing else is seen.
    out = (average + 0.02 * np.array(colour, np.float32)) / (weight + 0.02)
    return np.asarray(out, np.float32)


def _side(picture: Image) -> int:
    return max(5, int(picture.shape[1]) // 36) | 1


def _reach(picture: Image) -> npt.NDArray[np.uint8]:
    """How far to both sides of the outline the edge of hair may reach."""
    side = 2 * _side(picture) - 1
    return np.ones((side, side), np.uint8)


def soft_edge(picture: Image, mask: Mask, behind_it: Mask) -> Mask:
    """`mask` with an edge that is as soft as the picture's own. `behind_it` is the `panel`.

    The panel is plain, so a pixel on the edge lies on the line between its colour and that of the hair or cloth next to it, and
    where it lies is the share of the person in it. Where both are alike (white hair, a white shirt) a guided filter (He, Sun, Tang
    2010) decides. Away from the edge the mask stays as it was.
    """
    side = _side(picture)
    colour = picture.astype(np.float32)
    solid = np.asarray(mask > 0.5, np.uint8)
    inner = cv2.erode(solid, _reach(picture))
    weight = cv2.boxFilter(inner.astype(np.float32), -1, (4 * side + 1, 4 * side + 1))[..., None]
    person = cv2.boxFilter(colour * inner[..., None], -1, (4 * side + 1, 4 * side + 1)) / np.maximum(weight, 1e-4)
    apart = np.where(weight > 1e-4, person - behind_it, 0.0)
    square = (apart * apart).sum(axis=2)
    share = ((colour - behind_it) * apart).sum(axis=2) / np.maximum(square, 1.0)
    trust = np.clip((np.sqrt(square) - 30) / 60, 0, 1)
    soft = trust * np.clip(share, 0, 1) + (1 - trust) * np.clip(_guided(picture, mask, side), 0, 1)
    alpha = np.where(inner > 0, 1.0, np.where(cv2.dilate(solid, _reach(picture)) == 0, 0.0, soft))
    return np.asarray(np.clip((alpha - 0.04) / 0.92, 0, 1), np.float32)


def _guided(picture: Image, mask: Mask, side: int) -> Mask:
    guide = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.float32) / 255

    def mean(values: npt.NDArray[np.floating[Any]]) -> Mask:
        return np.asarray(cv2.boxFilter(np.asarray(values, np.float32), -1, (side, side)), np.float32)

    average, level = mean(guide), mean(mask)
    slope = (mean(guide * mask) - average * level) / (mean(guide * guide) - average * average + np.float32(2e-4))
    return np.asarray(mean(slope) * guide + mean(level - slope * average), np.float32)


def head(mask: Mask, chin: float) -> tuple[Head, bool] | None:
    """The head's size from the person's outline, and whether its width is seen; None where no crown is seen below the view's
    upper edge. Under hair that hangs over the ears the width is the ordinary one.
    """
    middle = mask[:, column(-0.45) : column(0.45)] > 0.5
    rows = np.flatnonzero(middle.mean(axis=1) >= 0.4)
    if rows.size == 0 or rows[0] == 0:
        return None
    crown = -((int(rows[0]) + 0.5) / UNIT + TOP)
    # At the ears: from the brows to the tip of the nose. Only what hangs together with the middle counts.
    widths = [_across(mask[index] > 0.5) for index in range(row(-0.25), row(0.75), 4)]
    width = float(np.median(widths))
    return Head(crown, chin, width if width <= _HAIR else ORDINARY.width), width <= _HAIR


def _across(line: npt.NDArray[np.bool_]) -> float:
    middle = round(-LEFT * UNIT)
    right = np.flatnonzero(~line[middle:])
    left = np.flatnonzero(~line[:middle][::-1])
    to_right = int(right[0]) if right.size else line.size - middle
    to_left = int(left[0]) if left.size else middle
    return (to_left + to_right) / UNIT
