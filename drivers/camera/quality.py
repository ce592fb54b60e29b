"""Is this raw frame good enough for a face check, and if not, what one thing should the citizen change?

Gates in the order count → distance → centre → pose → eyes → light → sharpness; the first that fails is the hint. All
numbers come from `config/photo_profiles/raw_frame.toml`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from drivers.camera import ofiq
from drivers.camera.detect import Face, FaceDetector, HaarDetector
from drivers.camera.eyes import EyeFinder, Eyes, EyeState
from drivers.camera.gates import Gates, load_gates
from drivers.camera.measures import cheek_measures, face_patch, light_measures, luminance, mirror_shift, pose, sharpness
from drivers.camera.people import Image
from kiosk.ports.devices import FaceHint, FaceReport, Frame

_EYES_OF_BOX = 0.36
"""Inter-eye distance / width of a Haar box, where no eyes were found (own, M)."""
_EYE_LINE_OF_BOX = 0.39


@dataclass(frozen=True, slots=True)
class Assessment:
    """One judged frame; `hint` OK means every gate was passed."""

    hint: FaceHint
    face: Face | None = None
    eyes: Eyes | None = None
    measures: dict[str, float] = field(default_factory=dict)

    @property
    def eye_state(self) -> EyeState | None:
        return self.eyes.state if self.eyes else None

    @property
    def sharpness(self) -> float:
        return self.measures.get("sharpness", 0.0)

    def report(self, hint: FaceHint | None = None, progress: float = 0.0) -> FaceReport:
        return FaceReport(
            hint=hint or self.hint,
            accepted=self.hint is FaceHint.OK,
            measures=self.measures,
            box=self.face.box if self.face else None,
            progress=progress,
        )


def pixels(frame: Frame) -> Image:
    """The frame as an array over its own bytes (read-only, no copy)."""
    return np.frombuffer(frame.bgr, np.uint8).reshape(frame.height, frame.width, 3)


class FaceAssessor:
    """Judges frames one by one. Belongs to one thread, which must not be the event loop's: a frame takes 10-40 ms."""

    def __init__(self, detector: FaceDetector | None = None, gates: Gates | None = None) -> None:
        self.gates = gates or load_gates()
        self.detector = detector or HaarDetector()
        self._eyes = EyeFinder(self.gates.eyes_gap_open_min)

    def assess(self, bgr: Image) -> Assessment:
        faces = self.detector.detect(bgr)
        if not faces:
            return Assessment(FaceHint.NO_FACE, measures={"faces": 0.0})
        face = faces[0]
        grey = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY), np.uint8)
        eyes = self._eyes.find(grey, face)
        measures = {
            "faces": float(len(faces)),
            "second_face": faces[1].area / face.area if len(faces) > 1 else 0.0,
            **self._place(bgr, grey, face, eyes),
            **_light_and_focus(bgr, face, eyes),
        }
        measures |= {
            "score_inter_eye": float(ofiq.inter_eye_distance(measures["inter_eye"])),
            "score_luminance": float(ofiq.luminance_mean(measures["light_mean"])),
            "score_single_face": float(ofiq.single_face(measures["second_face"])),
        }
        return Assessment(self._hint(measures, eyes), face, eyes, measures)

    def _place(self, bgr: Image, grey: Image, face: Face, eyes: Eyes) -> dict[str, float]:
        height, width = bgr.shape[:2]
        x, y, w, h = face.box
        middle = eyes.middle or (x + w / 2, y + _EYE_LINE_OF_BOX * h)
        out = {
            "inter_eye": eyes.distance or _EYES_OF_BOX * w,
            "face_height": h / height,
            "centre_x": middle[0] / width,
            "eye_line": middle[1] / height,
            "eye_gap": eyes.gap,
        }
        if (roll := eyes.roll) is not None:
            out["roll"] = roll
        if eyes.left and eyes.right and not face.landmarks:
            out["mirror_shift"] = mirror_shift(grey, eyes.left, eyes.right)
        if face.landmarks:
            out["yaw"], out["pitch"] = pose(face.landmarks, width, height)
            out["inter_eye"] /= max(0.3, float(np.cos(np.radians(out["yaw"]))))
        return out

    def _hint(self, m: dict[str, float], eyes: Eyes) -> FaceHint:
        g = self.gates
        turned = (
            abs(m.get("roll", 0.0)) > g.pose_roll_max
            or abs(m.get("yaw", 0.0)) > g.pose_yaw_max
            or abs(m.get("pitch", 0.0)) > g.pose_pitch_max
            or abs(m.get("mirror_shift", 0.0)) > g.pose_mirror_shift_max
        )
        centred = (
            g.centre_x_min <= m["centre_x"] <= g.centre_x_max
            and g.centre_eye_line_min <= m["eye_line"] <= g.centre_eye_line_max
        )
        checks = (
            (m["second_face"] > g.count_second_face_area_max, FaceHint.SEVERAL_FACES),
            (m["inter_eye"] < g.distance_inter_eye_px_min, FaceHint.TOO_FAR),
            (m["face_height"] > g.distance_face_height_max, FaceHint.TOO_CLOSE),
            (not centred, FaceHint.OFF_CENTRE),
            (turned, FaceHint.POSE),
            (eyes.state is not EyeState.OPEN, FaceHint.EYES),
            (m["light_mean"] < g.light_mean_min, FaceHint.TOO_DARK),
            (m["light_mean"] > g.light_mean_max or m["over_exposed"] > g.light_over_max, FaceHint.TOO_BRIGHT),
            (m.get("cheek_ratio", 1.0) < g.light_cheek_ratio_min, FaceHint.UNEVEN_LIGHT),
            (m["sharpness"] < g.sharpness_laplacian_ratio_min, FaceHint.BLURRED),
        )
        return next((hint for failed, hint in checks if failed), FaceHint.OK)


def _light_and_focus(bgr: Image, face: Face, eyes: Eyes) -> dict[str, float]:
    patch = face_patch(bgr, face)
    light = luminance(patch)
    x, y, w, h = face.box
    side, across = patch.shape[0], patch.shape[1]
    if eyes.left and eyes.right:
        eye_x = ((eyes.left[0] - x) / w * across, (eyes.right[0] - x) / w * across)
        eye_y = ((eyes.left[1] + eyes.right[1]) / 2 - y) / h * side
    else:
        half = _EYES_OF_BOX / 2
        eye_x, eye_y = ((0.5 - half) * across, (0.5 + half) * across), _EYE_LINE_OF_BOX * side
    return {
        **light_measures(light),
        **cheek_measures(light, eye_x, eye_y, eye_x[1] - eye_x[0]),
        "sharpness": sharpness(patch),
    }
