"""Each gate against a frame that fails just it."""

from __future__ import annotations

import math
from pathlib import Path

import cv2
import numpy as np
import pytest

from drivers.camera import ofiq
from drivers.camera.faces import Scene, draw_scene
from drivers.camera.gates import load_gates
from drivers.camera.measures import _MODEL, light_measures, luminance, mirror_shift, pose, sharpness
from drivers.camera.quality import FaceAssessor
from kiosk.ports.devices import FaceHint


@pytest.fixture(scope="module")
def assessor() -> FaceAssessor:
    return FaceAssessor()


@pytest.mark.parametrize("seed", [1, 2, 4, 7, 9, 12])
def test_a_good_frame_passes_every_gate(assessor: FaceAssessor, seed: int) -> None:
    found = assessor.assess(draw_scene(Scene(seed=seed)))
    assert found.hint is FaceHint.OK
    report = found.report()
    assert report.accepted
    assert report.box is not None


@pytest.mark.parametrize(
    ("scene", "hint"),
    [
        (Scene(faces=0), FaceHint.NO_FACE),
        (Scene(faces=2), FaceHint.SEVERAL_FACES),
        (Scene(faces=3), FaceHint.SEVERAL_FACES),
        (Scene(distance=1.6), FaceHint.TOO_FAR),
        (Scene(distance=0.55), FaceHint.TOO_CLOSE),
        (Scene(offset_x=0.2), FaceHint.OFF_CENTRE),
        (Scene(offset_y=0.25, distance=1.1), FaceHint.OFF_CENTRE),
        (Scene(roll=12), FaceHint.POSE),
        (Scene(roll=-12), FaceHint.POSE),
        (Scene(seed=2, yaw=24), FaceHint.POSE),
        (Scene(seed=2, yaw=-24), FaceHint.POSE),
        (Scene(eyes="closed"), FaceHint.EYES),
        (Scene(light=0.12), FaceHint.TOO_DARK),
        (Scene(light=3.5), FaceHint.TOO_BRIGHT),
        (Scene(side_light=0.75), FaceHint.UNEVEN_LIGHT),
        (Scene(side_light=-0.75), FaceHint.UNEVEN_LIGHT),
        (Scene(blur=4), FaceHint.BLURRED),
    ],
    ids=lambda value: value.value if isinstance(value, FaceHint) else "",
)
def test_the_failing_gate_is_the_hint(assessor: FaceAssessor, scene: Scene, hint: FaceHint) -> None:
    found = assessor.assess(draw_scene(scene))
    assert found.hint is hint
    assert not found.report().accepted


def test_gates_are_judged_in_their_order(assessor: FaceAssessor) -> None:
    everything = Scene(faces=2, distance=1.6, offset_x=-0.25, roll=12, light=0.2, blur=3)
    assert assessor.assess(draw_scene(everything)).hint is FaceHint.SEVERAL_FACES
    assert assessor.assess(draw_scene(Scene(distance=1.6, roll=12, eyes="closed"))).hint is FaceHint.TOO_FAR
    assert assessor.assess(draw_scene(Scene(light=0.12, blur=4))).hint is FaceHint.TOO_DARK


def test_other_frame_sizes_are_judged_alike(assessor: FaceAssessor) -> None:
    big = cv2.resize(draw_scene(Scene(seed=4)), (1920, 1080))
    assert assessor.assess(np.asarray(big, np.uint8)).hint is FaceHint.OK
    small = cv2.resize(draw_scene(Scene(seed=4)), (640, 360), interpolation=cv2.INTER_AREA)
    assert assessor.assess(np.asarray(small, np.uint8)).hint is FaceHint.TOO_FAR  # 60 px between the eyes


def test_a_gate_file_with_a_missing_or_unknown_number_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "gates.toml"
    file.write_text("[count]\nsecond_face_area_max = 0.2\n[pose]\nroll = 8\n")
    with pytest.raises(ValueError, match="pose_roll, pose_roll_max"):
        load_gates(file)
    file.write_text('[count]\nsecond_face_area_max = "much"\n')
    with pytest.raises(ValueError, match=r"count\.second_face_area_max"):
        load_gates(file)


@pytest.mark.parametrize(
    ("score", "vectors"),
    [
        (ofiq.eyes_open, {0.01: 27, 0.02: 50, 0.03: 73, 0.05: 95}),
        (ofiq.mouth_closed, {0.0: 97, 0.1: 84, 0.2: 50}),
        (ofiq.inter_eye_distance, {60: 38, 70: 50, 90: 73, 120: 92}),
        (ofiq.head_size, {0.45: 100, 0.40: 54, 0.35: 24}),
        (ofiq.head_pose, {5: 99, 10: 97, 20: 88, 30: 75}),
        (ofiq.background_uniformity, {0: 100, 20: 90, 80: 63}),
        (ofiq.over_exposure, {0.01: 50, 0.05: 17}),
        (ofiq.under_exposure, {0.5: 100, 0.9: 52}),
        (ofiq.luminance_mean, {0.2: 50, 0.5: 100}),
        (ofiq.luminance_variance, {0.01: 92, 0.05: 71}),
        (ofiq.illumination_uniformity, {0.2: 62, 0.5: 81}),
        (ofiq.unified, {20: 24, 23: 50, 28: 87}),
        (ofiq.no_head_covering, {0.0: 100, 0.05: 77, 0.95: 0, 1.0: 0}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_scores_are_those_of_the_reference_implementation(score: object, vectors: dict[float, int]) -> None:
    assert callable(score)
    assert {raw: score(raw) for raw in vectors} == vectors


def test_luminance_is_linear() -> None:
    grey = np.full((4, 4, 3), 188, np.uint8)  # sRGB 188 is half of the light
    assert math.isclose(float(luminance(grey).mean()), 0.5029, abs_tol=0.001)
    pure_red = np.zeros((1, 1, 3), np.uint8)
    pure_red[..., 2] = 255
    assert math.isclose(float(luminance(pure_red)[0, 0]), 0.2126, abs_tol=1e-4)
    white = light_measures(luminance(np.full((40, 40, 3), 255, np.uint8)))
    assert white["over_exposed"] == 1.0
    assert white["entropy"] == 0.0


@pytest.mark.parametrize(("yaw", "pitch"), [(0, 0), (15, 0), (-20, 0), (0, 12), (10, -10)])
def test_pose_from_landmarks_gives_back_the_angles_they_were_projected_with(yaw: float, pitch: float) -> None:
    y, p = math.radians(yaw), math.radians(pitch)
    turn = np.array([[math.cos(y), 0, -math.sin(y)], [0, 1, 0], [math.sin(y), 0, math.cos(y)]])
    nod = np.array([[1, 0, 0], [0, math.cos(p), -math.sin(p)], [0, math.sin(p), math.cos(p)]])
    points = (turn @ nod @ _MODEL.T).T + np.array([0, 0, 600])
    image = [(640 + 1280 * x / z, 360 + 1280 * v / z) for x, v, z in points.tolist()]
    found = pose((image[0], image[1], image[2], image[3], image[4]), 1280, 720)
    assert found == pytest.approx((yaw, pitch), abs=0.2)


def test_the_axis_of_symmetry_moves_with_the_head(assessor: FaceAssessor) -> None:
    shifts = []
    for yaw in (-20, 0, 20):
        picture = draw_scene(Scene(seed=2, yaw=yaw))
        eyes = assessor.assess(picture).eyes
        assert eyes is not None
        assert eyes.left is not None
        assert eyes.right is not None
        shifts.append(
            mirror_shift(np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.uint8), eyes.left, eyes.right)
        )
    assert shifts[0] < -0.08 < abs(shifts[1]) < 0.06 < 0.08 < shifts[2]


def test_sharpness_falls_with_blur_but_not_with_light() -> None:
    face = draw_scene(Scene(seed=4))[150:560, 450:830]
    dim = draw_scene(Scene(seed=4, light=0.4))[150:560, 450:830]
    soft = np.asarray(cv2.GaussianBlur(face, (0, 0), 3), np.uint8)
    assert sharpness(soft) < 0.5 * sharpness(face)
    assert sharpness(dim) > 0.6 * sharpness(face)
