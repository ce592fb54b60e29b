"""Frames that were damaged on their way, against faces that only moved."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from drivers.camera.detect import HaarDetector
from drivers.camera.faces import Scene, draw_scene
from drivers.camera.gates import load_gates
from drivers.camera.people import Image
from drivers.camera.quality import FaceAssessor
from drivers.camera.simsource import damaged
from drivers.camera.steady import Steadiness
from kiosk.ports.devices import FaceHint


@pytest.fixture(scope="module")
def assessor() -> FaceAssessor:
    return FaceAssessor(HaarDetector())


def steadiness() -> Steadiness:
    return Steadiness(load_gates().steady_likeness_min)


def scene(seed: int, number: int, **changes: object) -> Image:
    return draw_scene(dataclasses.replace(Scene(seed=seed, noise_seed=number), **changes))  # type: ignore[arg-type]


TORN = [
    (1, 2),
    (2, 3),
    (9, 2),
    (14, 2),
    (16, 1),
    (21, 5),
    (24, 0),
    (26, 5),
    (28, 0),
    (38, 2),
    (39, 2),
    (51, 1),
    (52, 3),
]
"""People and moments (of 360 that were tried) whose damaged frame passes every gate and is the sharper of the two."""


def test_a_damaged_frame_that_would_be_kept_is_not_steady(assessor: FaceAssessor) -> None:
    taken = 0
    for seed, number in TORN:
        whole = scene(seed, number)
        torn = damaged(whole, number)
        before, after = assessor.assess(whole), assessor.assess(torn)
        assert before.face is not None
        assert after.face is not None
        assert after.hint is FaceHint.OK
        assert after.sharpness > before.sharpness
        judge = steadiness()
        assert judge.feed(whole, before.face.box)
        taken += judge.feed(torn, after.face.box)
    assert taken <= 1  # damage beside the face, which harms nobody


@pytest.mark.parametrize("moved", [(0, 0), (6, 3), (-12, 8), (25, 0), (-30, -20)], ids=str)
@pytest.mark.parametrize("seed", range(4))
def test_a_face_that_moves_is_steady(assessor: FaceAssessor, seed: int, moved: tuple[int, int]) -> None:
    judge = steadiness()
    for number in range(4):
        picture = np.roll(scene(seed, number), (moved[1] * number, moved[0] * number), (0, 1))
        face = assessor.assess(picture).face
        assert face is not None
        assert judge.feed(picture, face.box)


def test_light_that_changes_and_nearer_and_farther_are_steady(assessor: FaceAssessor) -> None:
    judge = steadiness()
    for number in range(6):
        picture = scene(3, number, light=1 + number * 0.1, distance=1 + number * 0.02)
        face = assessor.assess(picture).face
        assert face is not None
        assert judge.feed(picture, face.box)


def test_somebody_else_is_strange_at_first_and_then_the_one_who_sits_there(assessor: FaceAssessor) -> None:
    judge = steadiness()
    for seed in (5, 6):
        face = assessor.assess(scene(seed, 0)).face
        assert face is not None
        turns = [judge.feed(scene(seed, number), face.box) for number in range(8)]
        assert turns == ([True] * 8 if seed == 5 else [False] * 6 + [True] * 2)


def test_without_a_face_between_nothing_is_remembered(assessor: FaceAssessor) -> None:
    judge = steadiness()
    for seed in (5, 6):
        face = assessor.assess(scene(seed, 0)).face
        assert face is not None
        assert judge.feed(scene(seed, 0), face.box)
        assert judge.feed(scene(seed, 1, faces=0), None)
