"""How many drawn codes are read, and how fast: `python -m tests.drivers.qr_scanner.measure_decode [frames]`.

Rotated, tilted and mildly blurred codes on a phone, 1280×720. Columns: this decoder without and with pyzbar, zxing-cpp on
the plain picture, pyzbar alone.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import cv2
import numpy as np
from pyzbar import pyzbar

from drivers.qr_scanner.decode import Decoder
from drivers.qr_scanner.decode_options import DecodeOptions
from drivers.qr_scanner.draw import Look, render
from drivers.qr_scanner.symbology import Symbology

WIDTH, HEIGHT = 1280, 720
Range = tuple[float, float]
SCENES: dict[str, tuple[Range, Range, Range]] = {
    # size, blur (px), tilt about both axes (degrees)
    "slanted, soft": ((0.27, 0.31), (1.6, 1.9), (28, 40)),
    "slanted, softer": ((0.30, 0.34), (2.0, 2.2), (25, 38)),
    "slanted, near": ((0.36, 0.42), (1.8, 2.2), (30, 45)),
    "steep, near": ((0.40, 0.50), (0.8, 1.2), (38, 52)),
}


def look(rng: np.random.Generator, size: Range, blur: Range, tilt: Range) -> Look:
    def signed() -> float:
        return float(rng.uniform(*tilt)) * (1 if rng.random() < 0.5 else -1)

    return Look(
        rotation=float(rng.uniform(-180, 180)),
        tilt_x=signed(),
        tilt_y=signed(),
        size=float(rng.uniform(*size)),
        blur=float(rng.uniform(*blur)),
        noise=3,
    )


def payload(index: int) -> bytes:
    return f"https://pay.example.cn/c/{index:06d}?t=8f3a9c21d07b45e6".encode()


def readers() -> dict[str, Callable[[bytes], list[bytes]]]:
    plain = DecodeOptions(frozenset({Symbology.QR}), enhance=False, second_opinion=False)
    decoders = {
        "zxing path": Decoder(DecodeOptions(second_opinion=False)),
        "with pyzbar": Decoder(),
        "zxing plain": Decoder(plain),
    }

    def only_pyzbar(bgr: bytes) -> list[bytes]:
        grey = cv2.cvtColor(np.frombuffer(bgr, np.uint8).reshape(HEIGHT, WIDTH, 3), cv2.COLOR_BGR2GRAY)
        return [code.data for code in pyzbar.decode(grey, symbols=[pyzbar.ZBarSymbol.QRCODE])]

    def using(decoder: Decoder) -> Callable[[bytes], list[bytes]]:
        return lambda bgr: [code.raw for code in decoder.decode(bgr, WIDTH, HEIGHT)]

    return {**{name: using(decoder) for name, decoder in decoders.items()}, "pyzbar alone": only_pyzbar}


def rates(scene: tuple[Range, Range, Range], frames: int) -> dict[str, tuple[float, float]]:
    """Per reader: the share of frames read rightly, and the median milliseconds per frame."""
    rng = np.random.default_rng(11)
    read = readers()
    right = dict.fromkeys(read, 0)
    times: dict[str, list[float]] = {name: [] for name in read}
    for index in range(frames):
        frame = render(payload(index), look(rng, *scene), width=WIDTH, height=HEIGHT, seed=index)
        for name, reader in read.items():
            start = time.perf_counter()
            found = reader(frame.bgr)
            times[name].append((time.perf_counter() - start) * 1000)
            right[name] += payload(index) in found
    return {name: (right[name] / frames, float(np.median(times[name]))) for name in read}


def main() -> None:
    frames = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    for name, scene in SCENES.items():
        told = ", ".join(f"{reader} {rate:.0%} {ms:.1f} ms" for reader, (rate, ms) in rates(scene, frames).items())
        print(f"{name}: {told}")


if __name__ == "__main__":
    main()
