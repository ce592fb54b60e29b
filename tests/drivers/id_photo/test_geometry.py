"""Where the photo is cut, reckoned without any picture."""

from __future__ import annotations

import itertools
import math

import pytest

from config.photo_rules import PROFILES, load_photo_profile
from drivers.camera import ofiq
from drivers.id_photo.geometry import ORDINARY, Cut, Head, broken, misplaced, plan
from kiosk.ports.photo import PhotoHint


@pytest.mark.parametrize("name", PROFILES)
def test_ordinary_heads_keep_every_published_band(name: str) -> None:
    profile = load_photo_profile(name)
    for above, below, width in itertools.product((1.8, 2.0, 2.2), (1.72, 1.87, 1.95), (2.5, 2.7)):
        head = Head(above, below, width)
        cut = plan(head, profile)
        assert broken(cut.measures(head), profile.crop) == (), head
        measures = cut.measures(head)
        total = measures["top_gap"] + measures["head_length"] + measures["chin_gap"]
        assert math.isclose(total, 1.0)


def test_the_distance_of_the_eyes_wins_over_the_width_of_the_head() -> None:
    profile = load_photo_profile("strict_guangdong")
    broad = Head(1.95, 1.87, 3.6)
    cut = plan(broad, profile)
    assert profile.crop.eye_distance.holds(cut.eye_distance)
    assert broken(cut.measures(broad), profile.crop) == ("head_width",)


def test_a_correct_photo_of_this_kind_fails_the_scores_of_another_crop() -> None:
    """Hair gap 35, head 360, eyes at 208, chin at 395 of 354x472: right by every rule, and OFIQ's head size and margins call it
    bad. So they gate nothing here.
    """
    eyes = 99.0
    head = Head((208 - 35) / eyes, (395 - 208) / eyes, 250 / eyes)
    cut = Cut(eyes / 354, 208 / 472, 354 / 472)
    for name in ("national", "strict_guangdong"):
        assert broken(cut.measures(head), load_photo_profile(name).crop) == ()
    t = 395 - 208
    assert ofiq.head_size(t / 472) == 51
    assert ofiq.mapped(208 / t, 100, 0, 1, 1.4, 0.1) == 5
    assert ofiq.mapped((472 - 208) / t, 100, 0, 1, 1.8, 0.1) == 2


def test_outline_turns_with_the_head() -> None:
    cut = plan(ORDINARY, load_photo_profile("national"))
    x, y, width, height = cut.outline((600.0, 300.0), (700.0, 300.0))
    assert width == pytest.approx(100 / cut.eye_distance)
    assert height == pytest.approx(width / 0.75)
    assert x + width / 2 == pytest.approx(650)
    assert y == pytest.approx(300 - cut.eye_line * height)
    leaning = cut.outline((600.0, 290.0), (700.0, 310.0))
    assert leaning[2] > width
    assert leaning[3] > height


@pytest.mark.parametrize(
    ("outline", "hint"),
    [
        ((400, 50, 450, 600), None),
        ((-2, -2, 450, 600), None),
        ((-20, 50, 450, 600), PhotoHint.OFF_CENTRE),
        ((400, 200, 450, 600), PhotoHint.OFF_CENTRE),
        ((400, -10, 450, 740), PhotoHint.TOO_CLOSE),
    ],
)
def test_the_frame_must_hold_the_whole_photo(
    outline: tuple[float, float, float, float], hint: PhotoHint | None
) -> None:
    assert misplaced(outline, 1280, 720) is hint
