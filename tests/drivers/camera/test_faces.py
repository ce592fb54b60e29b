"""Drawn people must be found by the cascades that will look for real ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from drivers.camera.detect import HaarDetector
from drivers.camera.eyes import EyeFinder, EyeState
from drivers.camera.faces import Scene, draw_portrait, draw_scene


@pytest.fixture(scope="module")
def haar() -> HaarDetector:
    return HaarDetector()


@pytest.mark.parametrize("distance", [0.7, 1.0, 1.6, 2.5])
def test_haar_finds_every_drawn_face_once_and_in_its_place(haar: HaarDetector, distance: float) -> None:
    for seed in range(10):
        faces = haar.detect(draw_scene(Scene(seed=seed, distance=distance, noise_seed=seed)))
        assert len(faces) == 1, seed
        x, y, w, h = faces[0].box
        assert abs(x + w / 2 - 640) < 0.08 * w
        assert 0.30 < (0.44 * 720 - y) / h < 0.46  # eyes lie where they lie in Haar boxes of real faces


def test_eyes_are_found_when_open_and_only_then(haar: HaarDetector) -> None:
    finder = EyeFinder(0.085)
    for seed in range(12):
        for eyes, state in (("open", EyeState.OPEN), ("closed", EyeState.CLOSED)):
            picture = draw_scene(Scene(seed=seed, eyes=eyes))  # type: ignore[arg-type]
            face = haar.detect(picture)[0]
            found = finder.find(picture.mean(axis=2).astype(np.uint8), face)
            assert found.state is state, seed
            if state is EyeState.OPEN:
                assert found.distance is not None
                assert 100 < found.distance < 135


def test_portraits_of_the_chips_size_hold_one_face(haar: HaarDetector) -> None:
    for seed in range(8):
        portrait = draw_portrait(seed, 102, 126)
        assert portrait.shape == (126, 102, 3)
        assert len(haar.detect(portrait)) == 1


def test_the_same_number_is_the_same_person_and_another_is_not() -> None:
    assert np.array_equal(draw_portrait(4), draw_portrait(4))
    assert not np.array_equal(draw_portrait(4), draw_portrait(5))


def test_only_the_noise_changes_from_frame_to_frame() -> None:
    scene = Scene(noise=2.0)
    first, second = draw_scene(scene), draw_scene(replace(scene, noise_seed=1))
    difference = first.astype(int) - second.astype(int)
    assert difference.any()
    assert difference.std() < 5
    assert np.array_equal(draw_scene(Scene(noise=0.0)), draw_scene(Scene(noise=0.0, noise_seed=9)))


def test_nobody_and_a_covered_lens_hold_no_face(haar: HaarDetector) -> None:
    assert not haar.detect(draw_scene(Scene(faces=0)))
    covered = draw_scene(Scene(covered=True))
    assert covered.mean() < 12
    assert not haar.detect(covered)
