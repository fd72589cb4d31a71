"""A clone's cookies are kept and sent back as a browser would."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replay.bind.cookies import Jar

NOW = 1_795_000_000 * 10**9
SECOND = 10**9


def jar(*set_cookies: bytes, target: bytes = b"/shop/cart") -> Jar:
    kept = Jar()
    for header in set_cookies:
        kept.take(((b"Set-Cookie", header),), target, NOW)
    return kept


def test_a_cookie_is_sent_back_where_its_path_says() -> None:
    kept = jar(b"sid=1; Path=/shop", b"all=2; Path=/; HttpOnly")
    sent = [kept.matching(target, NOW) for target in (b"/shop", b"/shop/x?y=1", b"/shopping", b"/")]
    assert sent == [{b"sid": b"1", b"all": b"2"}, {b"sid": b"1", b"all": b"2"}, {b"all": b"2"}, {b"all": b"2"}]


def test_without_a_path_it_is_for_the_requests_own_directory() -> None:
    kept = jar(b"sid=1")
    assert [bool(kept.matching(target, NOW)) for target in (b"/shop/pay", b"/shop", b"/other")] == [True, True, False]


@pytest.mark.parametrize(
    "deletion",
    [b"sid=; Max-Age=0; Path=/", b"sid=x; Path=/; expires=Thu, 01-Jan-1970 00:00:00 GMT", b"sid=x; max-age=-5; path=/"],
)
def test_what_is_deleted_is_gone(deletion: bytes) -> None:
    assert jar(b"sid=1; Path=/", deletion).matching(b"/", NOW) == {}


def test_max_age_says_more_than_expires_and_an_old_cookie_is_not_sent() -> None:
    kept = jar(b"sid=1; Path=/; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT")
    assert [kept.matching(b"/", NOW + n * SECOND) for n in (59, 61)] == [{b"sid": b"1"}, {}]


def test_the_last_of_a_name_counts_and_the_longest_path_of_two() -> None:
    kept = jar(b"a=1; Path=/", b"a=2; Path=/", b"b=root; Path=/", b"b=deep; Path=/shop")
    assert kept.matching(b"/shop", NOW) == {b"b": b"deep", b"a": b"2"}


@pytest.mark.parametrize("nonsense", [b"", b"novalue", b"=1", b"a=1\r\nX-Evil: 1", b"a=" + b"x" * 5000, b";;;="])
def test_what_a_browser_ignores_is_ignored(nonsense: bytes) -> None:
    assert jar(nonsense).matching(b"/shop/cart", NOW) == {}


def test_a_thousand_cookies_are_not_all_kept() -> None:
    kept = jar(*(b"c%d=1; Path=/" % n for n in range(1000)))
    assert len(kept.matching(b"/", NOW)) <= 180


@given(st.binary(max_size=80), st.binary(max_size=20))
def test_no_header_whatever_its_bytes_breaks_a_line(header: bytes, target: bytes) -> None:
    kept = Jar()
    kept.take(((b"set-cookie", header),), target, NOW)
    for name, value in kept.matching(target, NOW).items():
        assert not {0x0A, 0x0D} & {*name, *value}
