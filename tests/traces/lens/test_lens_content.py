"""Content-encodings come off and go on again, and nothing small becomes large."""

from __future__ import annotations

import gzip
import resource
import time
import zlib
from collections.abc import Callable

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from traces.lens import NotDecodable, decoded_body
from traces.lens.content import decode, encode

ENCODINGS = ["gzip", "x-gzip", "deflate", "br", "zstd", "identity", "", "gzip, br", "Zstd,GZIP"]


@given(st.binary(max_size=300), st.sampled_from(ENCODINGS))
def test_what_was_encoded_decodes_to_the_same_bytes(body: bytes, encoding: str) -> None:
    assert decode(encode(body, encoding), encoding) == body


@given(st.binary(max_size=80), st.text(max_size=10) | st.sampled_from(ENCODINGS))
def test_junk_decodes_or_is_refused_in_so_many_words(body: bytes, encoding: str) -> None:
    try:
        result: object = decode(body, encoding)
    except NotDecodable:
        result = b""
    assert isinstance(result, bytes)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
def test_a_body_cut_short_is_not_taken_for_a_whole_one(encoding: str) -> None:
    whole = encode(bytes(range(256)) * 40, encoding)
    with pytest.raises(NotDecodable):
        decode(whole[:-6], encoding)


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_members_one_after_another_are_one_body(encoding: str) -> None:
    assert decode(encode(b"first ", encoding) + encode(b"second", encoding), encoding) == b"first second"


def test_a_deflate_body_may_lack_its_wrapper() -> None:
    raw = zlib.compressobj(wbits=-15)
    assert decode(raw.compress(b"hello") + raw.flush(), "deflate") == b"hello"


def test_padding_behind_a_gzip_body_is_passed_over() -> None:
    assert decode(gzip.compress(b"hello") + b"\0" * 8, "gzip") == b"hello"


def test_more_codings_than_anyone_uses_are_refused() -> None:
    with pytest.raises(NotDecodable):
        decode(b"", "gzip," * 1000)


def test_a_body_that_cannot_be_decoded_is_read_as_it_is() -> None:
    assert decoded_body(((b"content-encoding", b"gzip"),), b"plain after all") == b"plain after all"


def zlib_bomb(wbits: int) -> bytes:
    """A mebibyte of zeros, then the same compressed piece over and over: quicker than to compress a gigabyte."""
    stream = zlib.compressobj(wbits=wbits)
    first, again = (stream.compress(bytes(1 << 20)) + stream.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    return first + again * 1023


def brotli_bomb() -> bytes:
    stream = brotli.Compressor(quality=1)
    return b"".join([*(stream.process(bytes(1 << 20)) for _ in range(1024)), stream.finish()])


def zstd_bomb() -> bytes:
    stream = zstandard.ZstdCompressor(level=1).compressobj()
    return b"".join([*(stream.compress(bytes(1 << 20)) for _ in range(1024)), stream.flush()])


@pytest.mark.parametrize(
    ("encoding", "bomb"),
    [
        ("gzip", lambda: zlib_bomb(31)),
        ("deflate", lambda: zlib_bomb(15)),
        ("deflate", lambda: zlib_bomb(-15)),
        ("br", brotli_bomb),
        ("zstd", zstd_bomb),
    ],
    ids=["gzip", "deflate", "raw deflate", "br", "zstd"],
)
def test_a_gigabyte_of_zeros_is_refused_at_once_and_within_memory(encoding: str, bomb: Callable[[], bytes]) -> None:
    body = bomb()
    before, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    with pytest.raises(NotDecodable):
        decode(body, encoding)
    seconds = time.process_time() - begun
    mebibytes = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert (seconds < 1.5, mebibytes < 200) == (True, True)
