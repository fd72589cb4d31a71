"""Text is written where a leaf stands so that it reads the same, and every byte of it can be found there."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from html import escape
from typing import get_args
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from traces.lens import Coding, encode
from traces.lens.coding import offsets, text_of, unescape, utf8
from traces.lens.graphql import graphql_leaves

CODINGS: list[Coding] = list(get_args(Coding))
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
#: How a text may be written in each coding, by a writer other than ours.
WRITERS: dict[Coding, Callable[[str], bytes]] = {
    "raw": utf8,
    "percent": lambda text: quote(text, safe="").encode(),
    "component": lambda text: quote(text).lower().encode() if text.islower() else quote(text).encode(),
    "plus": lambda text: quote_plus(text).encode(),
    "json": lambda text: json.dumps(text)[1:-1].encode(),
    "script": lambda text: json.dumps(text)[1:-1].replace("<", "\\u003C").encode(),
    "html": lambda text: escape(text).encode(),
    "quoted": lambda text: text.replace('"', "%22").replace("\r", "%0d").replace("\n", "%0A").encode(),
    "block": lambda text: text.replace('"""', '\\"""').encode(),
}


@given(st.text(st.characters()), st.sampled_from(CODINGS))
def test_every_text_can_be_written_in_every_coding(text: str, coding: Coding) -> None:
    assert isinstance(encode(text, coding), bytes)


@pytest.mark.parametrize("coding", WRITERS)
@given(text=texts, data=st.data())
def test_a_characters_place_is_where_it_is_written(coding: Coding, text: str, data: st.DataObject) -> None:
    # A name in form-data that has an escape's three characters cannot be told from one that has what they escape.
    assume(coding != "quoted" or not re.search("%(?:22|0[aAdD])", text))
    cut = data.draw(st.integers(0, len(text)))
    raw = WRITERS[coding](text)
    end = len(utf8(text))
    found = offsets(raw, coding, [0, len(utf8(text[:cut])), end])
    # Where one escape stands for two characters, there is no place between them.
    written = WRITERS[coding](text[:cut]) + WRITERS[coding](text[cut:])
    if written == raw:
        assert found == [0, len(WRITERS[coding](text[:cut])), len(raw)]


@pytest.mark.parametrize(
    ("raw", "coding", "width"),
    [
        (b"\\ud83d\\ude00", "json", 4),
        (b"\\u00e9", "json", 2),
        (b"%F0%9F%98%80", "percent", 4),
        (b"&#128512;", "html", 4),
    ],
)
def test_what_stands_behind_a_character_is_behind_all_of_its_escape(raw: bytes, coding: Coding, width: int) -> None:
    assert offsets(raw + b"x", coding, [0, width, width + 1]) == [0, len(raw), len(raw) + 1]


def test_there_is_no_place_inside_an_escape_that_stands_for_two_characters() -> None:
    assert offsets(b"&NotEqualTilde;", "html", [3]) is None


def test_no_part_of_a_value_without_quotes_can_be_written_alone() -> None:
    assert offsets(b"abc", "bare", [1]) is None


@given(texts)
def test_what_html_escapes_reads_the_same(text: str) -> None:
    assert text_of(unescape(encode(text, "html"))) == text


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"?a=1&copy=2&sect=3", "?a=1&copy=2&sect=3"),
        (b"?a=1&amp;b=2", "?a=1&b=2"),
        (b"&copy; &copy &copyx", "\u00a9 \u00a9 &copyx"),
        (b"&#233;&#xE9;&#xe9", "\u00e9\u00e9\u00e9"),
        (b"&nosuch; & &; &#; &#x;", "&nosuch; & &; &#; &#x;"),
        (b"&#99999999999999999999;&#xD800;&#0;", "\ufffd\ufffd\ufffd"),
    ],
)
def test_a_reference_is_read_as_in_an_attribute(raw: bytes, text: str) -> None:
    assert text_of(unescape(raw)) == text


@pytest.mark.parametrize("text", ['"', "a\\", '"""', 'say """"'])
def test_a_block_string_holds_no_end_of_itself(text: str) -> None:
    block = b'{ a(b: """' + encode(text, "block") + b'""") }'
    leaves = graphql_leaves(block)
    assert leaves is not None
    assert leaves[0].text.rstrip("\n") == text


def test_a_script_holds_no_end_of_itself() -> None:
    assert encode("</script>", "script") == b"\\u003c/script>"


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("unit", [b"%41", b"\\u0041", b"&amp;", b"a", b"&", b"%"])
def test_the_places_of_a_megabyte_are_found_in_one_pass(coding: Coding, unit: bytes) -> None:
    raw = unit * (1_000_000 // len(unit))
    begun = time.process_time()
    offsets(raw, coding, range(0, 100_000, 10))
    assert time.process_time() - begun < 3
