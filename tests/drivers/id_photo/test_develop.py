"""The finished photo against what was drawn: geometry, background, file."""

from __future__ import annotations

import io
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image as Pillow

from config.photo_rules import PROFILES, PhotoProfile, load_photo_profile
from drivers.camera.detect import HaarDetector
from drivers.camera.faces import Scene, draw_scene
from drivers.camera.people import Image, person
from drivers.id_photo import segment
from drivers.id_photo.assess import PhotoAssessor
from drivers.id_photo.develop import Developed, develop
from drivers.id_photo.geometry import bands
from drivers.id_photo.jpeg import encode
from kiosk.ports.photo import IdPhoto, PhotoHint


def photograph(profile: PhotoProfile, **options: Any) -> Developed:
    away = 1.16 if profile.id == "consular" else 1.0
    picture = draw_scene(Scene(**{"backdrop": "white", "distance": away, **options}))
    judged = PhotoAssessor(profile).judge(picture)
    assert judged.eyes is not None
    return develop(picture, judged.eyes, profile, judged.measures, judged.not_measured)


def finished(profile: PhotoProfile, **options: Any) -> IdPhoto:
    made = photograph(profile, **options)
    assert made.hint is PhotoHint.OK
    assert made.photo is not None
    return made.photo


def decoded(photo: IdPhoto) -> Image:
    return np.asarray(cv2.imdecode(np.frombuffer(photo.jpeg, np.uint8), cv2.IMREAD_COLOR), np.uint8)


@pytest.mark.parametrize("name", PROFILES)
@pytest.mark.parametrize("seed", [2, 4, 7])
def test_geometry_is_the_drawn_persons(name: str, seed: int) -> None:
    profile = load_photo_profile(name)
    photo = finished(profile, seed=seed, roll=4)
    eyes = 2 * person(seed).eye_gap  # in head heights, crown to chin of the skull = 1
    distance = photo.measures["eye_distance"] * photo.width
    chin = photo.measures["eye_line"] * photo.height + 0.5 / eyes * distance
    assert chin == pytest.approx((1 - photo.measures["chin_gap"]) * photo.height, abs=0.02 * photo.height)
    assert abs(photo.measures["finished_roll"]) < 1.0
    for rule, band in bands(profile.crop).items():
        assert not band.rule or band.holds(photo.measures[rule], slack=0.006), rule
    assert not set(photo.deviations) - {"skin_l", "skin_a", "skin_b"}
    assert len(HaarDetector().detect(decoded(photo))) == 1


@pytest.mark.parametrize("name", PROFILES)
def test_the_file_is_what_the_profile_asks(name: str) -> None:
    profile = load_photo_profile(name)
    photo = finished(profile, seed=7)
    file = Pillow.open(io.BytesIO(photo.jpeg))
    assert (file.format, file.mode, file.size) == ("JPEG", "RGB", (photo.width, photo.height))
    assert (photo.width, photo.height) in profile.file.sizes
    assert file.info["dpi"] == (300, 300)
    assert not file.getexif()
    assert {"exif", "icc_profile", "comment", "progressive"} & set(file.info) == set()
    assert profile.file.bytes_min <= len(photo.jpeg) <= profile.file.bytes_max
    assert "jpeg" not in repr(photo)
    assert photo.profile_id == name


def test_a_replaced_background_is_pure_white_and_leaves_no_fringe() -> None:
    strict = load_photo_profile("strict_guangdong")
    for seed in (3, 7):
        white, grey = (decoded(finished(strict, seed=seed, backdrop=panel)) for panel in ("white", "light_grey"))
        assert (grey[:60, :40] >= 254).all()
        assert (grey[:60, -40:] >= 254).all()
        # The same person before another panel is the same photo: what shone through at the edge of the hair is gone.
        shift = cv2.phaseCorrelate(white[..., 1].astype(np.float64), grey[..., 1].astype(np.float64))[0]
        moved = cv2.warpAffine(
            white, np.array([[1, 0, shift[0]], [0, 1, shift[1]]]), white.shape[1::-1], borderValue=(255,) * 3
        )
        difference = np.abs(moved.astype(np.int16) - grey).max(axis=2)
        assert float(np.percentile(difference[:300], 97)) < 30


@pytest.mark.parametrize("panel", [(217.0, 217.0, 217.0), (240.0, 214.0, 166.0)])
def test_the_soft_edge_is_the_one_the_picture_was_mixed_with(panel: tuple[float, float, float]) -> None:
    y, x = np.mgrid[0:472, 0:354].astype(np.float32)
    radius = np.hypot(x - 177, y - 230)
    true = np.clip((150 - radius) / 7 + 0.5, 0, 1)  # hair: seven pixels from all to nothing
    mixed = true[..., None] * np.array([30, 34, 40]) + (1 - true[..., None]) * np.array(panel)
    hard = (np.hypot(x - 178.5, y - 229) < 149).astype(np.float32)  # found a little beside
    picture = np.asarray(mixed + 0.5, np.uint8)
    alpha = segment.soft_edge(picture, hard, segment.panel(picture, hard, (200.0, 200.0, 200.0)))
    assert float(np.abs(alpha - true).max()) < 0.12
    assert float(np.abs(alpha - true).mean()) < 0.004


def test_where_hair_and_panel_are_alike_the_outline_stays() -> None:
    white = np.full((472, 354, 3), 236, np.uint8)
    hard = np.zeros((472, 354), np.float32)
    hard[100:, 80:270] = 1
    alpha = segment.soft_edge(white, hard, segment.panel(white, hard, (236.0, 236.0, 236.0)))
    assert (alpha[130:, 110:240] == 1).all()
    assert (alpha[:80] == 0).all()


def test_the_person_is_not_painted_over() -> None:
    """Replaced or kept: the face is the same to within the file's own loss."""
    strict = load_photo_profile("strict_guangdong")
    kept = strict.model_copy(
        update={
            "background": strict.background.model_copy(
                update={"treatment": "keep", "accepted": ("white", "light_grey"), "white_mean_min": 230.0}
            )
        }
    )
    a, b = decoded(finished(strict, seed=7)), decoded(finished(kept, seed=7))
    face = np.s_[150:380, 100:250]
    assert float(np.abs(a[face].astype(np.int16) - b[face]).mean()) < 2.0


def test_a_dull_panel_is_lightened() -> None:
    national = load_photo_profile("national")
    photo = finished(national, seed=2, light=0.72)
    raw = draw_scene(Scene(seed=2, light=0.72, backdrop="white"))
    assert raw[20, 20].max() < 211
    assert photo.measures["ground_level"] >= 240
    assert photo.measures["ground_spread"] > 0.2, "its own texture is still there"


def test_a_panel_that_may_not_be_treated_must_be_white() -> None:
    assert photograph(load_photo_profile("consular"), backdrop="light_grey").hint is PhotoHint.BACKGROUND


def test_what_stands_outside_the_frame_is_not_invented() -> None:
    national = load_photo_profile("national")
    assert photograph(national, offset_y=-0.1).hint in (PhotoHint.OFF_CENTRE, PhotoHint.BACKGROUND)
    assert photograph(national, distance=0.78).hint is PhotoHint.TOO_CLOSE


def test_the_same_frame_gives_the_same_photo() -> None:
    national = load_photo_profile("national")
    assert finished(national, seed=3).jpeg == finished(national, seed=3).jpeg


def test_hair_over_the_ears_leaves_the_width_unseen() -> None:
    photo = finished(load_photo_profile("national"), seed=3)
    assert photo.estimated == ("head_width",)
    assert finished(load_photo_profile("national"), seed=2).estimated == ()


def noise(width: int, height: int) -> Image:
    return np.random.default_rng(3).integers(0, 256, (height, width, 3)).astype(np.uint8)


def test_quality_first_then_a_smaller_size() -> None:
    rules = load_photo_profile("national").file

    def speckled(strength: float) -> Any:
        return lambda width, height: (128 + (noise(width, height) - 128.0) * strength).astype(np.uint8)

    light = encode(speckled(0.03), rules)
    assert (light.width, light.quality) == (480, 95)
    middle = encode(speckled(0.12), rules)
    assert middle.fits(rules)
    assert rules.quality_min <= middle.quality < 95
    heavy = encode(speckled(0.30), rules)
    assert heavy.width == 354
    hopeless = encode(noise, rules)
    assert not hopeless.fits(rules)
    assert (hopeless.width, hopeless.quality) == (354, rules.quality_min)


def test_a_file_too_small_takes_more_quality_and_is_never_padded() -> None:
    rules = load_photo_profile("national").file
    flat = encode(lambda width, height: np.full((height, width, 3), 200, np.uint8), rules)
    assert flat.quality == 100
    assert not flat.fits(rules)


def test_no_enlarging_where_a_smaller_size_is_allowed() -> None:
    rules = load_photo_profile("national").file
    asked: list[int] = []

    def draw(width: int, height: int) -> Image:
        asked.append(width)
        return noise(width, height) // 8

    encode(draw, rules, largest=400)
    assert set(asked) == {354}
    only_large = rules.model_copy(update={"sizes": ((480, 640),)})
    encode(draw, only_large, largest=400)
    assert asked[-1] == 480
