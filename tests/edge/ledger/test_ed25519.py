"""The signatures are those of RFC 8032, and of a library that many eyes have seen."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.ledger.ed25519 import is_signed, public_key, sign

VECTORS = (
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24"
        "655141438e7a100b",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28d"
        "c027beceea1ec40a",
    ),
)


@pytest.mark.parametrize(("secret", "public", "message", "signature"), VECTORS)
def test_it_signs_as_the_standard_says(secret: str, public: str, message: str, signature: str) -> None:
    assert public_key(bytes.fromhex(secret)).hex() == public
    assert sign(bytes.fromhex(secret), bytes.fromhex(message)).hex() == signature


@settings(max_examples=25, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=200), st.integers(0, 95), st.integers(1, 255))
def test_it_agrees_with_a_library_and_no_other_bit_is_good(secret: bytes, message: bytes, at: int, change: int) -> None:
    signature, public = sign(secret, message), public_key(secret)
    assert signature == Ed25519PrivateKey.from_private_bytes(secret).sign(message)
    assert is_signed(public, message, signature)
    spoilt = bytearray(public + signature)
    spoilt[at] ^= change
    assert not is_signed(bytes(spoilt[:32]), message, bytes(spoilt[32:]))
    assert not is_signed(public, message + b".", signature)


@given(st.binary(max_size=70), st.binary(max_size=70))
def test_what_is_no_signature_is_refused_and_never_raises(public: bytes, signature: bytes) -> None:
    assert not is_signed(public, b"", signature)
