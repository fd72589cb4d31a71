"""A page's fields, links and data are found where a browser would find them, and nothing hangs on broken ones."""

from __future__ import annotations

import time
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traces.lens import body_leaves, replace_response, response_leaves
from traces.model import Response

HTML = ((b"Content-Type", b"text/html; charset=utf-8"),)
PAGE = b"""<!doctype html>
<html><head><title>Pay</title><meta name="csrf-token" content="abc&amp;1"><meta charset=utf-8>
<link rel=next href="/pages/3">
</head><body>
<!-- <input name=hidden value=commented> -->
<form id="pay" action="/pay?step=2&amp;copy=1" method=post>
  <input type='hidden' name='csrf' value='t0k3n'>
  <INPUT TYPE=hidden NAME=order VALUE=100234>
  <input type=radio name=ship value=standard><input type=radio name=ship value=express checked>
  <input type=checkbox name=terms value=yes>
  <input name=item value=one><input name=item value=two><input name=empty value="">
  <select name=country><option value=DE>Germany<option value=8f3a21bc selected>Spain</option></select>
  <select name=size><option>Small<option>Large</select>
  <textarea name=note>Hello &lt;you&gt;</textarea>
  <button name=do value=buy>Buy</button>
</form>
<form action="/basket/add/7/"><input name=csrf value=second></form>
<form action="/basket/add/9/"></form>
<form><input name=q value=term></form>
<input name=loose value=outside>
<a href="/orders/100234">One</a> <a href='/orders/8f3a21bc?x=1'>Two</a> <a href=#top>Up</a> <a>None</a>
<script>var x = "<input name=script value=no>";</script>
<script type="application/json" id="state">{"user":{"id":"8f3a21bc"},"n":[1]}</script>
<script type=application/ld+json>{broken</script>
</body></html>"""


def found(page: bytes, *, names: bool = False) -> dict[str, str]:
    return {leaf.path: leaf.text for leaf in body_leaves(HTML, page, names=names)}


def test_a_pages_fields_links_and_data_are_leaves() -> None:
    assert found(PAGE) == {
        "html.meta.csrf-token": "abc&1",
        "html.form(pay).action": "/pay?step=2&copy=1",
        "html.form(pay).input.csrf": "t0k3n",
        "html.form(pay).input.order": "100234",
        "html.form(pay).input.ship.option[0]": "standard",
        "html.form(pay).input.ship": "express",
        "html.form(pay).input.ship.option[1]": "express",
        "html.form(pay).input.terms.option[0]": "yes",
        "html.form(pay).input.item": "one",
        "html.form(pay).input.item[1]": "two",
        "html.form(pay).input.empty": "",
        "html.form(pay).select.country": "8f3a21bc",
        "html.form(pay).select.country.option[0]": "8f3a21bc",
        "html.form(pay).select.country.option[0].text": "Spain",
        "html.form(pay).select.size": "Small",
        "html.form(pay).textarea.note": "Hello <you>",
        "html.form(pay).button.do[0]": "buy",
        "html.form(pay).button.do[0].text": "Buy",
        "html.form(/basket/add/{}/)[0].action": "/basket/add/7/",
        "html.form(/basket/add/{}/)[0].input.csrf": "second",
        "html.form(/basket/add/{}/)[1].action": "/basket/add/9/",
        "html.form[0].input.q": "term",
        "html.input.loose": "outside",
        "html.a(/orders/{})[0].href": "/orders/100234",
        "html.a(/orders/{})[0].text": "One",
        "html.a(/orders/{})[1].href": "/orders/8f3a21bc?x=1",
        "html.a(/orders/{})[1].text": "Two",
        "html.script(state).$.user.id": "8f3a21bc",
        "html.script(state).$.n[0]": "1",
    }


@pytest.mark.parametrize(
    "item",
    [
        "{} {}<br>",
        "<p>{} <b>{}</b></p>",
        "{}<label>{}</label>",
        "<label>{}{}</label>",
        "<label>{1} {0}</label>",
        "<tr><td>{}<td>{}",
    ],
)
def test_what_one_chooses_is_called_by_the_words_beside_it(item: str) -> None:
    inputs = [f"<input type=radio name=a value={value}>" for value in ("1", "2 checked")]
    page = "".join(item.format(field, words) for field, words in zip(inputs, ("One", "Two"), strict=True))
    labels = {path: text.strip() for path, text in found(page.encode()).items() if path.endswith(".text")}
    assert labels == {"html.input.a.option[0].text": "One", "html.input.a.option[1].text": "Two"}


def test_what_is_chosen_without_words_is_not_called_by_the_next_fields() -> None:
    page = b"<input type=checkbox name=a value=1><select name=b><option>One</select> Two"
    assert not any(path.endswith(".text") for path in found(page))


def test_a_links_url_is_read_into() -> None:
    leaves = body_leaves(HTML, b'<a href="7?a=1&amp;b=2">', nested=True)
    assert {leaf.path: leaf.text for leaf in leaves[1:]} == {
        "html.a({})[0].href|url.target": "7?a=1&b=2",
        "html.a({})[0].href|url.path[0]": "7",
        "html.a({})[0].href|url.query.a": "1",
        "html.a({})[0].href|url.query.b": "2",
    }


def test_a_slot_leaves_open_which_of_several_links_it_was() -> None:
    slots = {leaf.slot for leaf in body_leaves(HTML, b"<a href=/o/1></a><a href=/o/2></a>")}
    assert slots == {"html.a(/o/{})[*].href"}


def test_a_form_called_after_one_thing_among_many_is_one_of_several() -> None:
    page = b"<form id=edit_17><input name=a value=1></form><form id=edit_18><input name=a value=2></form>"
    assert found(page) == {"html.form(edit_{})[0].input.a": "1", "html.form(edit_{})[1].input.a": "2"}


def test_with_names_every_text_of_a_page_is_a_leaf() -> None:
    page = b"<title>Hi Jane</title><p class=a title='For Jane'>Dear <b>Jane</b><!-- by Jane --><script>jane()</script>"
    assert found(page, names=True) == {
        "html.text[0]": "Hi Jane",
        "html.attribute.class[0]": "a",
        "html.attribute.title[0]": "For Jane",
        "html.text[1]": "Dear ",
        "html.text[2]": "Jane",
        "html.comment[0]": " by Jane ",
        "html.source[0]": "jane()",
    }


def test_with_names_no_value_of_a_page_is_a_leaf_twice() -> None:
    leaves = body_leaves(HTML, PAGE, names=True)
    spans = [(leaf.start, leaf.end) for leaf in leaves if leaf.start < leaf.end]
    assert len(spans) == len(set(spans))


def test_with_names_all_that_is_not_markup_is_in_a_leaf() -> None:
    left = bytearray(PAGE)
    for leaf in body_leaves(HTML, PAGE, names=True):
        left[leaf.start : leaf.end] = b"_" * (leaf.end - leaf.start)
    assert [
        word for word in (b"Pay", b"t0k3n", b"Hello", b"8f3a", b"Germany", b"broken", b"commented") if word in left
    ] == []


@pytest.mark.parametrize(
    "page",
    [
        b"<p>a</p><!-- Jane",
        b"<p>a</p><b title='Jane",
        b"<p>a</p><script>Jane",
        b"<p>a</p><! Jane >",
        b"<p>a</p><p title=a title=Jane>",
        b"<select name=a><option value=Jane>",
        b"<textarea>Jane",
    ],
)
def test_with_names_what_a_broken_page_hides_is_a_leaf(page: bytes) -> None:
    assert any("Jane" in text for text in found(page, names=True).values())


def test_a_word_in_a_value_selects_nothing() -> None:
    page = b"<select name=a><option value='not selected 1'>x<option value=b SELECTED>y</select>"
    assert found(page) == {"html.select.a": "b"}


@pytest.mark.parametrize(
    ("tag", "value"),
    [
        (b"<input name=a value=old>", b'<input name=a value="a &quot;b&quot; &amp; &#39;c&#39;">'),
        (b"<input name=a value='old'>", b"<input name=a value='a &quot;b&quot; &amp; &#39;c&#39;'>"),
        (b'<input name=a value = "old" />', b'<input name=a value = "a &quot;b&quot; &amp; &#39;c&#39;" />'),
    ],
)
def test_a_value_is_written_so_that_it_stays_in_its_attribute(tag: bytes, value: bytes) -> None:
    response = Response(status=200, headers=HTML, body=tag)
    (leaf,) = response_leaves(response)[1:]
    assert replace_response(response, {leaf: "a \"b\" & 'c'"}).body == value


def test_a_value_in_a_script_cannot_end_the_script() -> None:
    response = Response(status=200, headers=HTML, body=b'<script type=application/json>{"a":"x"}</script>')
    (leaf,) = response_leaves(response)[1:]
    after = replace_response(response, {leaf: "</script>"})
    assert [x.text for x in response_leaves(after)][1:] == ["</script>"]


def test_a_page_without_fields_or_links_is_a_text() -> None:
    assert found(b"<p>hello</p>") == {"body": "<p>hello</p>"}


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        (b"Oak chair", "Oak chair"),
        (b"<b> <i>\n Oak &amp; chair\n</i></b> New", "Oak & chair"),
        (b"<img src=x alt='Oak chair'>", "Oak chair"),
        (b"<img alt='Oak chair'><p>12.00<p>Chair of oak", "Chair of oak"),
        (b"<p>12.00", "12.00"),
        (b"12.00<p>Oak chair", "Oak chair"),
        ("Voil\u00e0".encode(), "Voil\u00e0"),
        (b"x" * 200, None),
        (b"", None),
    ],
)
def test_a_link_is_called_by_its_words_else_by_its_picture(inside: bytes, text: str | None) -> None:
    assert found(b"<a href=/p/1>" + inside + b"</a>after").get("html.a(/p/{})[0].text") == text


def test_a_link_without_words_is_called_as_it_is_spoken() -> None:
    page = b"<a href=/p/1 aria-label='Remove the oak chair'>\xc3\x97</a>"
    assert found(page)["html.a(/p/{})[0].text"] == "Remove the oak chair"


def test_all_that_stands_in_a_row_is_called_by_its_first_words() -> None:
    page = (
        b"<ul><li data-ref=8f3a21bc><b>7</b> <h3>Oak chair</h3><a href=/p/1>Details</a>"
        b"<form action=/add/1><button name=b value=1>Add</button></form></li>"
        b"<li><form action=/add/2></form>Desk lamp</li></ul><form action=/add/3></form>Last"
    )
    assert {path: text for path, text in found(page).items() if path.endswith(".near")} == {
        "html.li.data-ref[0].near": "Oak chair",
        "html.a(/p/{})[0].near": "Oak chair",
        "html.form(/add/{})[0].near": "Oak chair",
        "html.form(/add/{})[0].button.b[0].near": "Oak chair",
        "html.form(/add/{})[1].near": "Desk lamp",
    }


def test_a_row_is_not_named_twice_by_one_link() -> None:
    assert found(b"<li><a href=/p/1>Oak chair</a><p>in oak</li>") == {
        "html.a(/p/{})[0].href": "/p/1",
        "html.a(/p/{})[0].text": "Oak chair",
    }


def test_an_option_that_is_not_selected_is_called_by_its_words() -> None:
    page = b"<select name=a><option value=x>One<option value=8f3a21bc>Two &amp; more</select>"
    assert found(page) == {
        "html.select.a": "x",
        "html.select.a.option[0]": "8f3a21bc",
        "html.select.a.option[0].text": "Two & more",
    }


def test_data_attributes_and_issued_ids_are_leaves() -> None:
    page = b"<main data-product=1008 data-empty='' data-on id=main><i id=line-8f3a21bc99 data-a=x></i><i data-a=y></i>"
    assert found(page) == {
        "html.main.data-product[0]": "1008",
        "html.i.id[0]": "line-8f3a21bc99",
        "html.i.data-a[0]": "x",
        "html.i.data-a[1]": "y",
    }


@pytest.mark.parametrize(
    ("script", "leaves"),
    [
        (b'window.__STATE__ = {"a":{"b":"x"}};', {"html.script(window.__STATE__).$.a.b": "x"}),
        (b'var x = [{"id":7}], y={"z":1}', {"html.script(x).$[0].id": "7", "html.script(y).$.z": "1"}),
        (b'window["app"]={"a":1}', {"html.script(app).$.a": "1"}),
        (b'push({"a":1});push({"a":2})', {"html.script(push)[0].$.a": "1", "html.script(push)[1].$.a": "2"}),
        (b'if(x){y({a:1});z({"a":1})}', {"html.script(z)[0].$.a": "1"}),
        (b"x = {}; y == [1]; z = [", {}),
        (b'x = {"a":1', {}),
    ],
)
def test_documents_that_a_script_is_given_are_read(script: bytes, leaves: dict[str, str]) -> None:
    expected = leaves or {"body": f"<script>{script.decode()}</script>"}
    assert found(b"<script>" + script + b"</script>") == expected


def test_a_script_that_is_no_program_gives_nothing() -> None:
    page = b'<script type=text/template>x = {"a":1}</script>'
    assert found(page) == {"body": page.decode()}


def test_with_names_what_stands_around_a_scripts_document_is_a_leaf_too() -> None:
    assert found(b'<script>by("Jane"); x = {"a":"b"}; Joan()</script>', names=True) == {
        "html.source[0]": 'by("Jane"); x = ',
        "html.script(x).$.a{name}": "a",
        "html.script(x).$.a": "b",
        "html.source[1]": "; Joan()",
    }


@pytest.mark.parametrize(
    ("page", "leaves"),
    [
        (b"<p>Your order is <strong>100016</strong>, 2026-11-22.</p>", {"html.order.number[0]": "100016"}),
        (b"<p>Invoice R-2026-000123.", {"html.invoice.token[0]": "R-2026-000123"}),
        (b"<b>100016</b><b>#100017</b>", {"html.b.number[0]": "100016", "html.b.number[1]": "100017"}),
        (b"<p>12.50 or 1,234 at 10:45:1234 on 22/11/2026, 999", {}),
        (b"<p>" + b"many words " * 9 + b"100016", {}),
    ],
)
def test_numbers_and_tokens_that_a_reader_is_told_are_leaves(page: bytes, leaves: dict[str, str]) -> None:
    assert found(page) == (leaves or {"body": page.decode()})


def test_a_page_of_very_many_labels_is_still_read_for_its_links() -> None:
    leaves = body_leaves(HTML, b"<li data-a=1><a href=/p>Word</a></li>" * 9000)
    assert sum(leaf.path.endswith(".href") for leaf in leaves) == 9000


@given(st.text(max_size=30), st.sampled_from(["'", '"']))
def test_any_value_of_an_attribute_is_read_as_it_was_meant(value: str, quote: str) -> None:
    page = f"<input name=a value={quote}{escape(value)}{quote}>".encode()
    assert found(page) == {"html.input.a": value}


@given(st.text("<>/!-='\"& abinputformscript", max_size=60) | st.binary(max_size=40).map(lambda b: b.decode("latin-1")))
def test_any_page_is_read_and_nothing_is_raised(page: str) -> None:
    data = page.encode()
    for names in (False, True):
        leaves = body_leaves(HTML, data, nested=True, names=names)
        assert all(0 <= x.start <= x.end <= len(data) for x in leaves if x.outer is None)


HOSTILE = {
    "open tags": b"<a " * 330_000,
    "open tags and a quote": b"<a " * 330_000 + b"\"'>",
    "quotes that never close": b"<a b='>" * 1 + b"<a b=\"'>'<" * 100_000,
    "less than": b"<" * 1_000_000,
    "comments": b"<!--" * 250_000,
    "comments that end": b"<!---->" * 140_000,
    "declarations": b"<!x" * 330_000,
    "attributes": b"<input " + b"a=b " * 250_000 + b">",
    "attributes without values": b"<input " + b"a " * 500_000 + b">",
    "equals": b"<input " + b"=" * 1_000_000 + b">",
    "scripts": b"<script>" * 120_000,
    "scripts that end": b"<script></script>" * 60_000,
    "references": b"<input name=a value='" + b"&amp" * 250_000 + b"'>",
    "a reference": b"<input name=a value='&#" + b"9" * 1_000_000 + b"'>",
    "a long name": b"<form id=x><input name='" + b"n" * 500_000 + b"' value=1>" * 1 + b"<input name=b value=2>" * 5000,
    "options": b"<select name=a>" + b"<option value=1>" * 60_000,
    "fields": b"<input name=a value=1>" * 45_000,
    "rows": b"<li data-a=1><form>" * 50_000,
    "labels": b"<a href=x>" * 19_000 + b"<p>a" * 200_000,
    "ids": b"<p " + b"id=a " * 200_000 + b">",
    "marks": b"<p id=" * 160_000,
    "numbers": b"<p>order 1234 " * 70_000,
    "one number": b"<p>" + b"1234" * 250_000,
    "assignments": b"<script>" + b"a={" * 330_000 + b"</script>",
    "documents": b"<script>" + b'a={"b":1};' * 100_000 + b"</script>",
    "a document that breaks off": b"<script>" + b"a=[1," * 200_000 + b"</script>",
    "names": b"<script>" + b"a" * 1_000_000 + b"={</script>",
    "spaces in a script": b"<script>" + b"a " * 200_000 + b" " * 600_000 + b"</script>",
    "large documents": (b"<script>a=[" + b"1," * 19_000 + b"</script>") * 25,
    "spaces": b"<input" + b" " * 1_000_000,
}


@pytest.mark.parametrize("names", [False, True])
@pytest.mark.parametrize("page", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_megabyte_made_to_be_slow_is_read_in_one_pass(page: bytes, names: bool) -> None:
    begun = time.process_time()
    body_leaves(HTML, page, names=names)
    assert time.process_time() - begun < 3
