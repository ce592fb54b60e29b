"""Identity photos: frames of 1280x720 judged a second on one core, and from the chosen frame to the finished file.

Judging is timed in the thread's own CPU time (OpenCV is held to one thread): what one core can do, whoever else uses the machine.
"""

from __future__ import annotations

import time

import cv2

from config.photo_rules import PROFILES, load_photo_profile
from drivers.camera.faces import Scene, draw_scene
from drivers.camera.quality import FaceAssessor
from drivers.id_photo.assess import PhotoAssessor
from drivers.id_photo.develop import develop
from kiosk.ports.photo import PhotoHint
from tests.bench.rows import Effort, Row, median, paired, percentile, progress

_DISTANCE = {"consular": 1.16}
"""The head is smaller in a consular photo, so one stands further away."""


def measure(effort: Effort) -> list[Row]:
    cv2.setNumThreads(1)
    rows: list[Row] = []
    for name in PROFILES:
        rows += _profile(name, effort.of(60, 12))
    return rows


def _profile(name: str, frames: int) -> list[Row]:
    progress(f"photo: {frames} frames judged after “{name}”")
    profile = load_photo_profile(name)
    assessor, face_only = PhotoAssessor(profile), FaceAssessor()
    judging: list[float] = []
    by_the_clock: list[float] = []
    peer: list[float] = []
    developing: list[float] = []
    good = finished = 0
    for index in range(frames):
        scene = Scene(seed=1 + index % 12, backdrop="white", distance=_DISTANCE.get(name, 1.0), noise_seed=index)
        picture = draw_scene(scene)
        started, began = time.thread_time(), time.perf_counter()
        judged = assessor.judge(picture)
        judging.append((time.thread_time() - started) * 1000)
        by_the_clock.append((time.perf_counter() - began) * 1000)
        started = time.thread_time()
        face_only.assess(picture)
        peer.append((time.thread_time() - started) * 1000)
        if judged.hint is not PhotoHint.OK or judged.eyes is None:
            continue
        good += 1
        started = time.perf_counter()
        made = develop(picture, judged.eyes, profile, judged.measures, judged.not_measured)
        developing.append((time.perf_counter() - started) * 1000)
        finished += made.photo is not None
    rate = 1000 / median(judging)
    return [
        Row(
            "photo",
            f"frames judged a second, {name}",
            rate,
            "/s",
            f"p50 of {frames}",
            15.0,
            ">=",
            peer=f"the face gates alone {1000 / median(peer):.1f} /s",
            ratio=paired(peer, judging),
            note=f"p99 {percentile(judging, 99):.1f} ms a frame; by the clock p50 {median(by_the_clock):.1f} ms",
        ),
        Row(
            "photo",
            f"from frame to finished photo, {name}",
            median(developing) if developing else 0.0,
            "ms",
            f"p50 of {len(developing)}",
            note=f"{finished} of {good} good frames gave a photo, of {frames} drawn",
        ),
    ]
