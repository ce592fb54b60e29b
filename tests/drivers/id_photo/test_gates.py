"""Each gate of a raw frame against a drawn frame that fails just it, and the measures behind them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import pytest

from config.photo_rules import load_photo_profile
from drivers.camera.detect import Face, HaarDetector
from drivers.camera.faces import PANELS, Scene, draw_scene
from drivers.camera.people import Image
from drivers.id_photo import ground, zones
from drivers.id_photo.assess import NEVER_MEASURED, PhotoAssessor
from drivers.id_photo.ground import Ground
from drivers.id_photo.view import make_view
from kiosk.ports.photo import PhotoHint

NATIONAL = load_photo_profile("national")


@pytest.fixture(scope="module")
def assessor() -> PhotoAssessor:
    return PhotoAssessor(NATIONAL)


def scene(**options: Any) -> Image:
    return draw_scene(Scene(**{"backdrop": "white", **options}))


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5, 7, 9, 12])
def test_a_good_frame_passes_every_gate(assessor: PhotoAssessor, seed: int) -> None:
    judged = assessor.judge(scene(seed=seed))
    assert judged.hint is PhotoHint.OK
    assert judged.eyes is not None
    assert judged.outline is not None


@pytest.mark.parametrize("backdrop", ["light_grey", "light_blue"])
def test_other_accepted_backgrounds_pass(assessor: PhotoAssessor, backdrop: str) -> None:
    assert assessor.judge(scene(backdrop=backdrop)).hint is PhotoHint.OK


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        ({"faces": 0}, PhotoHint.NO_FACE),
        ({"faces": 2}, PhotoHint.SEVERAL_FACES),
        ({"distance": 1.3}, PhotoHint.TOO_FAR),
        ({"distance": 0.7}, PhotoHint.TOO_CLOSE),
        ({"offset_x": 0.2}, PhotoHint.OFF_CENTRE),
        ({"offset_y": -0.12}, PhotoHint.OFF_CENTRE),
        ({"roll": 11}, PhotoHint.LEANING),
        ({"yaw": 14, "seed": 2}, PhotoHint.TURNED),
        ({"yaw": -14, "seed": 7}, PhotoHint.TURNED),
        ({"eyes": "closed"}, PhotoHint.EYES),
        ({"mouth": "open", "seed": 7}, PhotoHint.MOUTH),
        ({"light": 0.25}, PhotoHint.TOO_DARK),
        ({"light": 2.4}, PhotoHint.TOO_BRIGHT),
        ({"side_light": 0.5}, PhotoHint.UNEVEN_LIGHT),
        ({"side_light": -0.5}, PhotoHint.UNEVEN_LIGHT),
        ({"backdrop": "hall"}, PhotoHint.BACKGROUND),
        ({"backdrop": "dark"}, PhotoHint.BACKGROUND),
        ({"backdrop": "red"}, PhotoHint.BACKGROUND),
        ({"backdrop_slope": 0.6}, PhotoHint.BACKGROUND),
        ({"backdrop_shadow": 0.4}, PhotoHint.BACKGROUND),
        ({"blur": 4}, PhotoHint.BLURRED),
    ],
    ids=lambda value: value.value if isinstance(value, PhotoHint) else "",
)
def test_the_failing_gate_is_the_hint(assessor: PhotoAssessor, options: dict[str, Any], hint: PhotoHint) -> None:
    assert assessor.judge(scene(**options)).hint is hint


def test_gates_are_judged_in_their_order(assessor: PhotoAssessor) -> None:
    faults: list[tuple[dict[str, Any], PhotoHint]] = [
        ({"blur": 3.0}, PhotoHint.BLURRED),
        ({"backdrop": "dark"}, PhotoHint.BACKGROUND),
        ({"side_light": 0.5}, PhotoHint.UNEVEN_LIGHT),
        ({"eyes": "closed"}, PhotoHint.EYES),
        ({"roll": 12.0, "eyes": "open"}, PhotoHint.LEANING),
        ({"offset_x": 0.2}, PhotoHint.OFF_CENTRE),
        ({"distance": 1.4}, PhotoHint.TOO_FAR),
    ]
    together: dict[str, Any] = {}
    for options, hint in faults:
        together |= options
        assert assessor.judge(scene(**together)).hint is hint


def test_light_of_another_colour(assessor: PhotoAssessor) -> None:
    lamp = np.array([1.5, 1.05, 0.55])  # a blue one
    coloured = np.clip(scene(seed=7) * lamp, 0, 255).astype(np.uint8)
    judged = assessor.judge(coloured)
    assert judged.hint is PhotoHint.COLOUR_CAST
    assert judged.measures["colour_distance"] > 5


def of_skin(seed: int, gain: float) -> Image:
    """The drawn person with skin, hair and clothes of `gain` times the reflectance, before the same white panel in the same light."""
    white = draw_scene(Scene(seed=seed, backdrop="white", noise=0)).astype(np.float32)
    dark = draw_scene(Scene(seed=seed, backdrop="dark", noise=0)).astype(np.float32)
    alpha = np.clip(1 - (white - dark)[..., 1:2] / (PANELS["white"][1] - PANELS["dark"][1]), 0, 1)
    panel = np.array(PANELS["white"], np.float32)
    person = np.clip((white - (1 - alpha) * panel) / np.maximum(alpha, 0.02), 0, 255)
    darker = ((person / 255) ** 2.2 * gain) ** (1 / 2.2) * 255
    noise = np.random.default_rng(1).normal(0, 2, white.shape)
    return np.clip(alpha * darker + (1 - alpha) * panel + noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("seed", [2, 4, 7, 9, 12])
@pytest.mark.parametrize("gain", [0.5, 0.25])
def test_dark_skin_in_good_light_passes(assessor: PhotoAssessor, seed: int, gain: float) -> None:
    assert assessor.judge(of_skin(seed, gain)).hint is PhotoHint.OK


def test_glare_before_an_eye(assessor: PhotoAssessor) -> None:
    picture = scene(seed=2)
    judged = assessor.judge(picture)
    assert judged.eyes is not None
    x, y = (round(v) for v in judged.eyes[0])
    cv2.line(picture, (x - 28, y + 14), (x - 12, y + 22), (255, 255, 255), 6)
    assert assessor.judge(picture).hint is PhotoHint.GLARE


def test_what_haar_cannot_tell_is_said(assessor: PhotoAssessor) -> None:
    judged = assessor.judge(scene())
    assert {"yaw", "pitch", *NEVER_MEASURED} <= set(judged.not_measured)
    assert "yaw" not in judged.measures
    assert set(judged.not_measured) & set(judged.measures) == set()


class Landmarks:
    """A detector with five landmarks, the nose moved sideways by `shift` of the face's width."""

    name = "landmarks"

    def __init__(self, shift: float) -> None:
        self._haar, self._shift = HaarDetector(), shift

    def detect(self, bgr: Image) -> Sequence[Face]:
        faces = []
        for face in self._haar.detect(bgr):
            x, y, w, h = face.box

            def at(u: float, v: float, x: int = x, y: int = y, w: int = w, h: int = h) -> tuple[float, float]:
                return x + u * w, y + v * h

            nose = at(0.5 + self._shift, 0.585)
            points = (at(0.335, 0.39), at(0.665, 0.39), nose, at(0.37, 0.745), at(0.63, 0.745))
            faces.append(Face(face.box, points))
        return faces


def test_with_landmarks_pose_is_judged_on_the_angle() -> None:
    straight = PhotoAssessor(NATIONAL, Landmarks(0.0)).judge(scene(seed=4))
    assert abs(straight.measures["yaw"]) < 1
    assert "yaw" not in straight.not_measured
    turned = PhotoAssessor(NATIONAL, Landmarks(0.04)).judge(scene(seed=4))
    assert turned.measures["yaw"] > 5
    assert turned.measures["score_yaw"] > 90, "which is why the score is no gate"
    assert turned.hint is PhotoHint.TURNED


def test_a_beard_is_no_open_mouth() -> None:
    picture = scene(seed=2)
    view = make_view(picture, (577.0, 318.0), (695.0, 318.0))
    closed = zones.mouth_gap(view)
    assert closed is not None
    assert closed < 0.05
    bearded = view.bgr.copy()
    cv2.ellipse(bearded, (216, 208 + 98), (50, 30), 0, 0, 360, (22, 26, 30), -1)
    assert zones.mouth_gap(type(view)(bearded, view.inside)) is None


def test_published_colours_on_the_scale_of_the_rule() -> None:
    rules = NATIONAL.background

    def of(red: int, green: int, blue: int) -> str | None:
        return ground.kind(Ground(blue, green, red, 0.0, 0.0), rules)

    assert of(255, 255, 255) == "white"
    assert of(240, 240, 240) == "white"
    assert of(211, 211, 211) == "light_grey"  # luminance 198.6 of 240
    assert of(209, 209, 209) is None
    assert of(102, 198, 255) == "light_blue"  # hue 135, saturation 240, luminance 168
    assert of(90, 190, 250) is None  # luminance 160
    assert of(255, 200, 200) is None


@pytest.mark.parametrize(
    ("width", "height", "hint"),
    [(1920, 1080, PhotoHint.OK), (640, 360, PhotoHint.TOO_FAR), (1280, 960, PhotoHint.OK)],
)
def test_other_frame_sizes(assessor: PhotoAssessor, width: int, height: int, hint: PhotoHint) -> None:
    assert assessor.judge(draw_scene(Scene(seed=7, backdrop="white"), width, height)).hint is hint


def test_an_upright_camera(assessor: PhotoAssessor) -> None:
    wide = draw_scene(Scene(seed=7, backdrop="white"), 1280, 960)
    assert assessor.judge(np.ascontiguousarray(wide[:, 280:1000])).hint is PhotoHint.OK


def test_pictures_of_nothing_are_judged_too(assessor: PhotoAssessor) -> None:
    rng = np.random.default_rng(5)
    blank = np.zeros((720, 1280, 3), np.uint8)
    speckled = rng.integers(0, 256, blank.shape).astype(np.uint8)
    for picture in (blank, blank + 255, speckled):
        assert assessor.judge(np.asarray(picture, np.uint8)).hint is not PhotoHint.OK


def test_a_face_cut_by_the_frame(assessor: PhotoAssessor) -> None:
    picture = scene(seed=7)
    for part in (picture[:, 520:], picture[180:], picture[:480]):
        assert assessor.judge(np.ascontiguousarray(part)).hint is not PhotoHint.OK
