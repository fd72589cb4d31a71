"""A catalogue's recorded ids are sent as the target's, wherever they stand and no answer gives them; all else stays."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from replay.bind.mapping import BadMapping, IdMap, read_mapping
from tests.replay.bind.test_bind_filling import kinds, ok, programs, sent, uses
from tests.traces.links.scene import Scene, token
from traces.model import HeaderPairs

OLD, NEW = "prod_8f3a21bc", "prod_51d0c77e"


def mapped(*rows: tuple[str, ...]) -> IdMap:
    made = IdMap()
    for row in rows:
        made.add(*(("", *row) if len(row) == 2 else row))
    return made


def asks(line: str = "POST /use", body: Any = None, *, headers: HeaderPairs = ()) -> Scene:
    """One session that only asks this: no answer gives any of its values."""
    scene = Scene()
    scene.ask(0, line, {}, body=body, headers=headers, on="c")
    return scene


def replayed(scene: Scene, *rows: tuple[str, ...]) -> tuple[bytes, dict[bytes, bytes], bytes]:
    (program,) = programs(scene, mapping=mapped(*rows))
    return sent(program, len(program.steps) - 1)


# Where it stands.


def packed(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


WRAPPED: dict[str, Callable[[str], str]] = {
    "alone": lambda i: i,
    "JSON in a string": lambda i: json.dumps({"lines": [{"product": i, "n": 1}]}),
    "base64": lambda i: packed(f"gid://shop/Product/{i}"),
    "base64 of JSON": lambda i: packed(json.dumps({"product": i})),
    "a URL": lambda i: f"https://shop.example/p/{i}?from=list",
    "a URL in a URL": lambda i: f"/login?next={quote(f'/p/{i}?x=1', safe='')}",
}


#: How a request says a value.
ASKED: dict[str, Callable[[str], Scene]] = {
    "path": lambda v: asks(f"GET /p/{quote(v, safe='=')}/reviews"),
    "query": lambda v: asks(f"GET /reviews?of={quote(v, safe='')}&page=2"),
    "header": lambda v: asks("GET /reviews", headers=((b"x-of", v.encode()),)),
    "cookie": lambda v: asks("GET /", headers=((b"cookie", f"theme=dark; last={quote(v, safe='')}".encode()),)),
    "JSON": lambda v: asks(body={"product": v, "quantity": 1}),
    "deep": lambda v: asks(body={"variables": {"input": [{"lines": [{"product": v}]}]}}),
    "form": lambda v: form(f"a=1&product={quote(v, safe='')}&b=2"),
}


def form(body: str) -> Scene:
    scene = asks()
    headers = ((b"content-type", b"application/x-www-form-urlencoded"),)
    (exchange,) = scene.exchanges
    scene.exchanges[0] = replace(exchange, request=replace(exchange.request, headers=headers, body=body.encode()))
    return scene


@pytest.mark.parametrize("how", WRAPPED)
@pytest.mark.parametrize("where", ASKED)
def test_an_id_is_the_targets_wherever_a_request_carries_it(where: str, how: str) -> None:
    recorded, wanted = (ASKED[where](WRAPPED[how](i)) for i in (OLD, NEW))
    assert replayed(recorded, (OLD, NEW)) == replayed(wanted)


def test_a_graphql_literal_and_a_variable_are_both_mapped() -> None:
    def body(i: str) -> dict[str, Any]:
        return {"query": f'query {{ product(id: "{i}") {{ name }} }}', "variables": {"id": i}}

    assert json.loads(replayed(asks(body=body(OLD)), (OLD, NEW))[2]) == body(NEW)


def test_a_number_stays_one_and_becomes_a_text_only_where_the_targets_id_is_none() -> None:
    body = replayed(asks(body={"a": 48213, "b": "48213", "c": 77120}), ("48213", "51000"), ("77120", NEW))[2]
    assert json.loads(body) == {"a": 51000, "b": "51000", "c": NEW}


def test_a_number_of_graphql_stays_a_query_that_can_be_read() -> None:
    body = {"query": "query { product(id: 48213) { name } }"}
    assert (
        json.loads(replayed(asks(body=body), ("48213", NEW))[2])["query"]
        == f'query {{ product(id: "{NEW}") {{ name }} }}'
    )


def test_what_only_contains_an_id_or_is_a_word_of_the_format_stays() -> None:
    body = {"sku": f"x{OLD}", "note": f"{OLD}, {OLD}", "gift": True, "text": "true"}
    (program,) = programs(asks(body=body), mapping=mapped((OLD, NEW), ("true", "false")))
    assert json.loads(sent(program, 0)[2]) == body | {"note": f"{NEW}, {NEW}", "text": "false"}


# Whose it is.


def test_a_small_number_is_mapped_where_its_parameter_is_named_and_nowhere_else() -> None:
    body = {"product_id": 17, "quantity": 17, "lines": [{"product-id": "17", "n": 17}], "page": "17"}
    after = {"product_id": 42, "quantity": 17, "lines": [{"product-id": "42", "n": 17}], "page": "17"}
    assert json.loads(replayed(asks(body=body), ("product_id", "17", "42"))[2]) == after


def test_a_name_holds_for_a_path_its_like_in_a_url_and_what_stands_in_a_value() -> None:
    scene = Scene()
    for n in range(3):
        scene.ask(n * 10, f"GET /products/{n + 30}", {}, on="c")
    headers = ((b"referer", b"http://shop/products/17?page=17"),)
    body = {"product_id": packed("gid://shop/Product/17"), "page": packed("gid://shop/Page/17")}
    scene.ask(100, "POST /products/17/reviews", {}, body=body, headers=headers, on="c")
    target, headers_, said = replayed(scene, ("product_id", "17", "42"))
    assert (target, headers_[b"referer"], json.loads(said)) == (
        b"/products/42/reviews",
        b"http://127.0.0.1:8001/products/42?page=17",
        {"product_id": packed("gid://shop/Product/42"), "page": packed("gid://shop/Page/17")},
    )


def test_a_row_for_one_name_counts_more_than_one_for_all() -> None:
    body = replayed(asks(body={"sku": OLD, "product": OLD}), (OLD, NEW), ("sku", OLD, "sku-1"))[2]
    assert json.loads(body) == {"sku": "sku-1", "product": NEW}


# What counts more, what less.


def test_where_an_answer_gives_the_value_the_answer_counts() -> None:
    made = mapped((token(0), NEW))
    (program,) = programs(uses({"id": token(0)}), mapping=made)
    assert (kinds(program), sent(program, 1, ok({"id": "live-77"}))[2], made.used, made.fed) == (
        {"body.$.id": "Live"},
        b'{"id": "live-77"}',
        set(),
        {("", token(0))},
    )


def test_a_value_of_which_an_answer_gives_a_piece_is_not_mapped_whole() -> None:
    (program,) = programs(uses({"ref": f"cart {token(0)}"}), mapping=mapped((f"cart {token(0)}", NEW)))
    assert json.loads(sent(program, 1, ok({"id": "live-77"}))[2]) == {"ref": "cart live-77"}


def test_what_the_operator_set_by_name_counts_more_than_a_map() -> None:
    (program,) = programs(asks(body={"product_id": OLD}), mapping=mapped((OLD, NEW)), given={"product_id": "mine"})
    assert sent(program, 0)[2] == b'{"product_id": "mine"}'


def test_a_mapped_id_is_not_made_up_anew_though_every_session_has_another() -> None:
    scene = Scene()
    for n in range(3):
        scene.ask(n * 100, "POST /use", {}, body={"offer": token(n)}, on=f"c{n}")
    first, *_ = programs(scene, mapping=mapped((token(0), NEW)))
    assert (kinds(first), sent(first, 0)[2]) == ({"body.$.offer": "Constant"}, json.dumps({"offer": NEW}).encode())


def test_a_cookie_that_answers_set_is_the_jars_whatever_it_holds() -> None:
    scene = Scene()
    # The visitor's cookie is from before the recording: no answer in it gives that id.
    scene.ask(0, "GET /p", {}, headers=((b"cookie", f"last={OLD}; seen={OLD}".encode()),), on="c")
    scene.ask(10, "GET /", {}, gives=((b"set-cookie", b"last=prod_77aa01bd"),), on="c")
    (program,) = programs(scene, mapping=mapped((OLD, NEW)))
    assert [sent(program, 0, jar=jar)[1][b"cookie"] for jar in ({}, {b"last": b"live"})] == [
        f"seen={NEW}".encode(),
        f"last=live; seen={NEW}".encode(),
    ]


def test_what_is_signed_in_a_recorded_token_stays_as_it_was_signed() -> None:
    part = [base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in ({"alg": "x"}, {"p": OLD})]
    body = {"jwt": f"{part[0]}.{part[1]}.c2lnbmVk"}
    assert json.loads(replayed(asks(body=body), (OLD, NEW))[2]) == body


ids = st.from_regex(r"[a-z]{3}_[0-9a-f]{10}", fullmatch=True)


@settings(deadline=None)
@given(st.dictionaries(ids, ids, min_size=1, max_size=4), st.lists(ids, max_size=4))
def test_every_mapped_id_and_no_other_is_replaced(rows: dict[str, str], others: list[str]) -> None:
    body = {"lines": [*rows, *others], "of": {"all": json.dumps([*rows, *others])}}
    wanted = [rows.get(i, i) for i in [*rows, *others]]
    made = mapped(*rows.items())
    (program,) = programs(asks(body=body), mapping=made)
    assert (json.loads(sent(program, 0)[2]), made.used) == (
        {"lines": wanted, "of": {"all": json.dumps(wanted)}},
        {("", i) for i in rows},
    )


def test_rows_that_are_nowhere_are_told_and_no_error() -> None:
    made = mapped((OLD, NEW), ("prod_00000000", "x"), (token(0), "y"))
    programs(uses({"id": token(0), "product": OLD}), mapping=made)
    assert made.said() == (
        "1 of its 3 rows stand in the recording's requests; 1 more only where answers give the target's own values"
    )


# The file.


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", f"{OLD},{NEW}\nproduct_id,17,42\n"),
        ("a.csv", f"\ufeffrecorded,target\n{OLD},{NEW}\n"),
        ("a.csv", f"Target, Name ,Recorded\r\n\r\n{NEW},,{OLD}\r\n42,product-id,17\r\n"),
        ("a.csv", f'"{OLD}" , "{NEW}"\n{OLD},{NEW}\n'),
        ("a.JSON", json.dumps({OLD: NEW, "product_id": {"17": 42}})),
    ],
)
def test_a_map_is_read_from_either_format(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_bytes(text.encode())
    made = read_mapping(path)
    body = json.loads(sent(programs(asks(body={"a": OLD, "product_id": 17}), mapping=made)[0], 0)[2])
    assert body == {"a": NEW, "product_id": 42 if "17" in text else 17}


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("a.csv", "", "maps nothing"),
        ("a.csv", "recorded,target\n", "maps nothing"),
        ("a.csv", f"{OLD}\n", "line 1: recorded,target or name,recorded,target is wanted, and 1 stand there"),
        ("a.csv", f"a,b,{OLD},{NEW}\n", "line 1: recorded,target or name,recorded,target is wanted"),
        ("a.csv", f"recorded,target\nname,{OLD},{NEW}\n", "line 2: recorded,target is wanted, and 3 stand there"),
        ("a.csv", f"{OLD},\n", "line 1: a recorded value and the target's are wanted"),
        ("a.csv", f",{NEW}\n", "line 1: a recorded value and the target's are wanted"),
        ("a.csv", f"{OLD},{NEW}\n{OLD},other\n", f"line 2: '{OLD}' becomes 'other' here and '{NEW}' before"),
        ("a.csv", f'{OLD},"a\nb"\n', "line 2: a value has a line break"),
        ("a.csv", "17,42\n", "line 1: '17' is too short to be told from a quantity or a page; name its parameter"),
        ("a.csv", "9999.5,42\n", "too short"),
        ("a.csv", f"{OLD},\x00\n", "a.csv"),
        ("a.csv", "\udcff\udcfe,1\n", "no text in UTF-8"),
        ("a.json", "[1]", "an object is wanted"),
        ("a.json", "{", "is not a JSON file"),
        ("a.json", "[" * 100_000, "is not a JSON file"),
        ("a.json", '{"prod_8f3a21bc": null}', "a value is a text or a number"),
        ("a.json", '{"sku": {"17": {"a": "b"}}}', "a value is a text or a number"),
        ("a.json", f'{{"{OLD}": "a", "{OLD}": "b"}}', f"'{OLD}' becomes 'b' here and 'a' before"),
        ("a.json", f'{{"{OLD}": "\\ud800"}}', "half a character"),
    ],
)
def test_a_file_that_is_no_map_is_refused_in_one_line_that_says_where(
    tmp_path: Path, name: str, text: str, why: str
) -> None:
    path = tmp_path / name
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(BadMapping) as refused:
        read_mapping(path)
    said = str(refused.value)
    assert (why in said, name in said, "\n" in said) == (True, True, False)


def test_a_file_of_more_rows_or_bytes_than_a_list_of_ids_has_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("".join(f"prod_{n},x{n}\n" for n in range(12)))
    monkeypatch.setattr("replay.bind.mapping._ROWS", 10)
    with pytest.raises(BadMapping, match="more than 10 rows"):
        read_mapping(path)
    monkeypatch.setattr("replay.bind.mapping._BYTES", 20)
    with pytest.raises(BadMapping, match="larger than"):
        read_mapping(path)


@given(st.text(max_size=200))
def test_whatever_a_file_holds_it_is_a_map_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    for name in ("a.csv", "a.json"):
        path = tmp_path_factory.getbasetemp() / name
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        said = ""
        try:
            read_mapping(path)
        except BadMapping as error:
            said = str(error)
        assert "\n" not in said
