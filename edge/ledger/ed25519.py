"""Ed25519 as RFC 8032 has it (sections 5.1 and 6), in plain integers: a machine signs once in minutes.

No library, so that a ledger can be kept and checked wherever the runtime is. It is not hardened against who measures
its time on the same computer: there the key's file lies beside it.
"""

from __future__ import annotations

import hashlib

_P = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
_ROOT = pow(2, (_P - 1) // 4, _P)

_Point = tuple[int, int, int, int]
_NEUTRAL: _Point = (0, 1, 1, 0)


def public_key(secret: bytes) -> bytes:
    """32 bytes, of a secret of 32."""
    return _encode(_times_base(_expand(secret)[0]))


def sign(secret: bytes, message: bytes) -> bytes:
    """64 bytes."""
    scalar, prefix = _expand(secret)
    public = _encode(_times_base(scalar))
    nonce = _integer(hashlib.sha512(prefix + message).digest()) % _ORDER
    commitment = _encode(_times_base(nonce))
    challenge = _integer(hashlib.sha512(commitment + public + message).digest()) % _ORDER
    return commitment + ((nonce + challenge * scalar) % _ORDER).to_bytes(32, "little")


def is_signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether who has the secret of `public` signed this message. Never raises."""
    key, commitment = _decode(public), _decode(signature[:32])
    answer = _integer(signature[32:])
    if len(signature) != 64 or key is None or commitment is None or answer >= _ORDER:
        return False
    challenge = _integer(hashlib.sha512(signature[:32] + public + message).digest()) % _ORDER
    return _same(_times_base(answer), _add(commitment, _times(key, challenge)))


def _expand(secret: bytes) -> tuple[int, bytes]:
    if len(secret) != 32:
        raise ValueError(f"a secret has 32 bytes, not {len(secret)}")
    digest = hashlib.sha512(secret).digest()
    return _integer(digest[:32]) & ((1 << 254) - 8) | 1 << 254, digest[32:]


def _integer(raw: bytes) -> int:
    return int.from_bytes(raw, "little")


def _add(one: _Point, two: _Point) -> _Point:
    a = (one[1] - one[0]) * (two[1] - two[0]) % _P
    b = (one[1] + one[0]) * (two[1] + two[0]) % _P
    c = 2 * one[3] * two[3] * _D % _P
    d = 2 * one[2] * two[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(point: _Point, factor: int) -> _Point:
    product = _NEUTRAL
    while factor:
        if factor & 1:
            product = _add(product, point)
        point = _add(point, point)
        factor >>= 1
    return product


def _times_base(factor: int) -> _Point:
    product = _NEUTRAL
    for power in _POWERS:
        if factor & 1:
            product = _add(product, power)
        factor >>= 1
    return product


def _same(one: _Point, two: _Point) -> bool:
    return (one[0] * two[2] - two[0] * one[2]) % _P == 0 and (one[1] * two[2] - two[1] * one[2]) % _P == 0


def _encode(point: _Point) -> bytes:
    inverse = pow(point[2], -1, _P)
    x, y = point[0] * inverse % _P, point[1] * inverse % _P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def _decode(raw: bytes) -> _Point | None:
    """None where it is no point of the curve."""
    if len(raw) != 32:
        return None
    sign, y = raw[31] >> 7, _integer(raw) & ((1 << 255) - 1)
    x = _x_of(y, sign) if y < _P else None
    return None if x is None else (x, y, 1, x * y % _P)


def _x_of(y: int, sign: int) -> int | None:
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    if square == 0:
        return None if sign else 0
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _ROOT % _P
    if (x * x - square) % _P:
        return None
    return _P - x if x & 1 != sign else x


def _powers() -> tuple[_Point, ...]:
    y = 4 * pow(5, -1, _P) % _P
    x = _x_of(y, 0)
    assert x is not None
    powers: list[_Point] = [(x, y, 1, x * y % _P)]
    for _ in range(255):
        powers.append(_add(powers[-1], powers[-1]))
    return tuple(powers)


_POWERS = _powers()
"""The base point times 1, 2, 4 ..."""
