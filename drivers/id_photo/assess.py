"""Would this raw frame make a photo after the profile, and if not, what one thing should change?

Gates in the order face count → distance → centre → pose → eyes and mouth → light → background → sharpness; the first that fails is
the hint. OFIQ's scores are recorded; none is a gate, and its head-size and margin scores are not even taken: they are tuned to
another crop and call a correct photo of this kind a bad one.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass, field

from config.photo_rules import PhotoProfile
from drivers.camera import ofiq
from drivers.camera.detect import FaceDetector, Point
from drivers.camera.eyes import EyeState
from drivers.camera.gates import load_gates
from drivers.camera.people import Image
from drivers.camera.quality import Assessment, FaceAssessor
from drivers.id_photo import ground, zones
from drivers.id_photo.geometry import ORDINARY, Cut, misplaced, plan
from drivers.id_photo.ground import Ground
from drivers.id_photo.view import make_view
from kiosk.ports.photo import PhotoHint

NEVER_MEASURED = ("expression", "teeth", "head_cover", "tinted_glasses", "hair_over_eyes", "clothes")
"""What the content rules ask and no measure here can tell; a person at the window looks."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One judged frame; `hint` OK means every gate was passed."""

    hint: PhotoHint
    box: tuple[int, int, int, int] | None = None
    eyes: tuple[Point, Point] | None = None
    outline: tuple[float, float, float, float] | None = None
    measures: dict[str, float] = field(default_factory=dict)
    not_measured: tuple[str, ...] = NEVER_MEASURED

    @property
    def sharpness(self) -> float:
        return self.measures.get("sharpness", 0.0)


class PhotoAssessor:
    """Judges frames one by one. Belongs to one thread, which must not be the event loop's."""

    def __init__(self, profile: PhotoProfile, detector: FaceDetector | None = None) -> None:
        self._profile = profile
        gates = dataclasses.replace(load_gates(), eyes_gap_open_min=profile.gates.eye_gap_open_min)
        self._face = FaceAssessor(detector, gates)
        self._cut: Cut = plan(ORDINARY, profile)

    def judge(self, bgr: Image) -> Judged:
        found = self._face.assess(bgr)
        if found.face is None:
            return Judged(PhotoHint.NO_FACE, measures=found.measures)
        eyes = found.eyes
        if eyes is None or eyes.left is None or eyes.right is None:
            hint = self._place(found.measures, None, bgr) or PhotoHint.EYES
            return Judged(
                hint, found.face.box, measures=found.measures, not_measured=(*NEVER_MEASURED, "pose", "light")
            )
        pair = eyes.left, eyes.right
        outline = self._cut.outline(*pair)
        view = make_view(bgr, *pair)
        behind = ground.behind_view(view)
        measures = {**found.measures, **zones.skin(view), "glare": zones.glare(view)}
        gap = zones.mouth_gap(view)
        if gap is not None:
            measures |= {"mouth_gap": gap, "score_mouth": float(ofiq.mouth_closed(gap))}
        if behind is not None:
            measures |= behind.measures()
        measures |= _scores(measures)
        hint = (
            self._place(measures, _upright(self._cut, pair), bgr)
            or self._face_hint(measures, found)
            or self._light(measures)
            or self._rest(measures, behind)
        )
        absent = tuple(name for name in ("yaw", "pitch", "mouth_gap", "zone_ratio") if name not in measures)
        return Judged(hint, found.face.box, pair, outline, measures, (*NEVER_MEASURED, *absent))

    def _place(
        self, m: dict[str, float], outline: tuple[float, float, float, float] | None, bgr: Image
    ) -> PhotoHint | None:
        g = self._profile.gates
        if m["second_face"] > g.second_face_area_max:
            return PhotoHint.SEVERAL_FACES
        if m["inter_eye"] < g.inter_eye_px_min:
            return PhotoHint.TOO_FAR
        room = misplaced(outline, bgr.shape[1], bgr.shape[0]) if outline is not None else None
        if m["face_height"] > g.face_height_max or room is PhotoHint.TOO_CLOSE:
            return PhotoHint.TOO_CLOSE
        if not g.centre_x_min <= m["centre_x"] <= g.centre_x_max:
            return PhotoHint.OFF_CENTRE
        return room

    def _face_hint(self, m: dict[str, float], found: Assessment) -> PhotoHint | None:
        g = self._profile.gates
        if abs(m.get("roll", 0.0)) > g.roll_max:
            return PhotoHint.LEANING
        limits = {"yaw": g.yaw_max, "pitch": g.pitch_max, "mirror_shift": g.mirror_shift_max}
        if any(abs(m.get(name, 0.0)) > limit for name, limit in limits.items()):
            return PhotoHint.TURNED
        if found.eye_state is not EyeState.OPEN:
            return PhotoHint.EYES
        if m["glare"] > g.glare_max and m["over_exposed"] <= g.over_max:  # else the whole face is burnt out
            return PhotoHint.GLARE
        return PhotoHint.MOUTH if m.get("mouth_gap", 0.0) > g.mouth_gap_max else None

    def _light(self, m: dict[str, float]) -> PhotoHint | None:
        g = self._profile.gates
        dark = m["light_mean"] < g.light_mean_min or m["under_exposed"] > g.under_max or m["entropy"] < g.entropy_min
        bright_panel = m.get("ground_lum", 0.0) >= g.exposed_ground_lum_min
        if m["light_mean"] > g.light_mean_max or m["over_exposed"] > g.over_max:
            return PhotoHint.TOO_BRIGHT
        if (dark and not bright_panel) or m["light_mean"] < g.light_floor:
            return PhotoHint.TOO_DARK
        uneven = (
            m.get("cheek_ratio", 1.0) < g.cheek_ratio_min
            or m.get("cheek_overlap", 1.0) < g.cheek_overlap_min
            or m.get("zone_ratio", 1.0) < g.zone_ratio_min
        )
        if uneven:
            return PhotoHint.UNEVEN_LIGHT
        return PhotoHint.COLOUR_CAST if m["colour_distance"] > g.colour_distance_max else None

    def _rest(self, m: dict[str, float], behind: Ground | None) -> PhotoHint:
        if behind is None or not ground.usable(behind, self._profile.background):
            return PhotoHint.BACKGROUND
        return PhotoHint.BLURRED if m["sharpness"] < self._profile.gates.sharpness_min else PhotoHint.OK


def _upright(cut: Cut, eyes: tuple[Point, Point]) -> tuple[float, float, float, float]:
    """Where the photo would be cut once the head is held straight: leaning is a hint of its own, and comes later."""
    (left, y0), (right, y1) = eyes
    half = math.dist(*eyes) / 2
    x, y = (left + right) / 2, (y0 + y1) / 2
    return cut.outline((x - half, y), (x + half, y))


def _scores(m: dict[str, float]) -> dict[str, float]:
    """ISO/IEC 29794-5 scores of what is measured, for the record."""
    out = {
        "score_over_exposure": ofiq.over_exposure(m["over_exposed"]),
        "score_under_exposure": ofiq.under_exposure(m["under_exposed"]),
        "score_dynamic_range": ofiq.dynamic_range(m["entropy"]),
        "score_luminance_variance": ofiq.luminance_variance(m["light_variance"]),
    }
    if "cheek_overlap" in m:
        out["score_illumination"] = ofiq.illumination_uniformity(m["cheek_overlap"])
    if "ground_gradient" in m:
        out["score_background"] = ofiq.background_uniformity(m["ground_gradient"])
    out |= {f"score_{name}": ofiq.head_pose(m[name]) for name in ("yaw", "pitch", "roll") if name in m}
    return {name: float(score) for name, score in out.items() if math.isfinite(score)}
