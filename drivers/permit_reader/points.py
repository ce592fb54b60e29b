"""Points of an elliptic curve in short Weierstrass form: just the sum and the multiple that PACE's generic mapping needs.

`cryptography` multiplies only the standard generator and hands out only the x of a shared point. The arithmetic here takes time that
depends on the numbers: they are used once, and whoever could measure them stands inside the cabinet.
"""

from __future__ import annotations

from dataclasses import dataclass

Point = tuple[int, int]
_Jacobian = tuple[int, int, int]
_UNCOMPRESSED = 0x04


class PointError(ValueError):
    """Not a usable point of the curve."""


@dataclass(frozen=True, slots=True)
class Curve:
    name: str
    p: int
    a: int
    b: int
    generator: Point
    order: int
    size: int
    """Bytes of one coordinate."""

    def holds(self, point: Point) -> bool:
        x, y = point
        return 0 <= x < self.p and 0 <= y < self.p and (y * y - (x * x * x + self.a * x + self.b)) % self.p == 0

    def encode(self, point: Point) -> bytes:
        return bytes((_UNCOMPRESSED,)) + self.coordinate(point[0]) + self.coordinate(point[1])

    def coordinate(self, value: int) -> bytes:
        return value.to_bytes(self.size, "big")

    def decode(self, data: bytes) -> Point:
        """An uncompressed point (SEC 1 §2.3.4). Raises PointError."""
        if len(data) != 1 + 2 * self.size or data[0] != _UNCOMPRESSED:
            raise PointError("a point has the wrong form")
        point = int.from_bytes(data[1 : 1 + self.size], "big"), int.from_bytes(data[1 + self.size :], "big")
        if not self.holds(point):
            raise PointError("a point does not lie on the curve")
        return point

    def add(self, one: Point, other: Point) -> Point:
        """Raises PointError when the sum is the point at infinity."""
        return self._affine(self._sum((*one, 1), (*other, 1)))

    def times(self, factor: int, point: Point) -> Point:
        """Raises PointError when the multiple is the point at infinity."""
        base = (*point, 1)
        # Four bits at a time: 16 sums ahead save three sums out of four.
        table: list[_Jacobian] = [(1, 1, 0), base]
        for _ in range(14):
            table.append(self._sum(table[-1], base))
        result: _Jacobian = (1, 1, 0)
        for digit in f"{factor % self.order:x}":
            for _ in range(4):
                result = self._double(result)
            result = self._sum(result, table[int(digit, 16)])
        return self._affine(result)

    def _double(self, point: _Jacobian) -> _Jacobian:
        x, y, z = point
        if not z or not y:
            return 1, 1, 0
        p = self.p
        yy = y * y % p
        s = 4 * x * yy % p
        zz = z * z % p
        m = (3 * x * x + self.a * zz * zz) % p
        x3 = (m * m - 2 * s) % p
        return x3, (m * (s - x3) - 8 * yy * yy) % p, 2 * y * z % p

    def _sum(self, one: _Jacobian, other: _Jacobian) -> _Jacobian:
        if not one[2]:
            return other
        if not other[2]:
            return one
        p = self.p
        (x1, y1, z1), (x2, y2, z2) = one, other
        zz1, zz2 = z1 * z1 % p, z2 * z2 % p
        u1, u2 = x1 * zz2 % p, x2 * zz1 % p
        s1, s2 = y1 * z2 * zz2 % p, y2 * z1 * zz1 % p
        if u1 == u2:
            return self._double(one) if s1 == s2 else (1, 1, 0)
        h, r = u2 - u1, s2 - s1
        hh = h * h % p
        hhh = h * hh % p
        v = u1 * hh % p
        x3 = (r * r - hhh - 2 * v) % p
        return x3, (r * (v - x3) - s1 * hhh) % p, h * z1 * z2 % p

    def _affine(self, point: _Jacobian) -> Point:
        x, y, z = point
        if not z:
            raise PointError("the point at infinity")
        inverse = pow(z, -1, self.p)
        square = inverse * inverse % self.p
        return x * square % self.p, y * square * inverse % self.p
