"""What it costs to say whether an answer turned out as recorded: microseconds an answer, memory of what was learned.

Each figure is the least of many passes that take turns: the machine's other work only ever adds. The first row is what
reading the document costs whoever does it.
"""

from __future__ import annotations

import sys
import time
import tracemalloc
from collections.abc import Callable
from typing import Any, Final

import orjson

from traces.model import Response
from traces.outcome import Learner, differs, make

_PASSES: Final = 60
_TIMES: Final = 100
_STEPS: Final = 100_000
_ENDPOINTS: Final = 100


def main() -> None:
    """Print the table as Markdown."""
    body = orjson.dumps(checkout(7))
    live, learner = answer(body), Learner()
    recorded = [learner.make("POST /checkout", answer(orjson.dumps(checkout(n)))) for n in range(20)][-1]
    refused = answer(orjson.dumps({**checkout(7), "status": "failed"}))
    html = Response(status=200, headers=((b"content-type", b"text/html"),), body=page())
    shown = make(html)
    cost = least(
        {
            f"reading it, {len(body):,} bytes of JSON": lambda: orjson.loads(body),
            "judging it": lambda: differs(recorded, live),
            "judging one that differs": lambda: differs(recorded, refused),
            "learning from it": lambda: learner.make("POST /checkout", live),
            f"judging a page of {len(html.body or b''):,} bytes": lambda: differs(shown, html),
        }
    )
    print("## Outcomes\n\n| | us | goal |\n|---|---|---|")
    goals = {"judging it": "60", "learning from it": "100"}
    for name, taken in cost.items():
        print(f"| {name} | {taken:.1f} | {goals.get(name, '')} |")
    places, a_step = memory(body)
    print(f"\nMemory: {places:.0f} KiB an endpoint of {count(orjson.loads(body))} values; {a_step:.1f} bytes a step.\n")


def answer(body: bytes) -> Response:
    return Response(status=200, headers=((b"content-type", b"application/json"),), body=body)


def checkout(seed: int) -> dict[str, Any]:
    """A checkout as large as a real one: flat fields, nested objects, lists of objects."""
    price = {"id": f"price_{seed:08x}", "amount": 1900 + seed, "currency": "usd", "archived": False, "interval": None}
    product = {"id": f"prod_{seed:08x}", "name": "Notebook", "description": None, "prices": [price] * 3, "medias": []}
    return {
        "status": "confirmed",
        **{
            f"field_{a}{b}": f"value {seed} of some length, as a url or a token has"
            for a in "abcdefg"
            for b in "abcdefg"
        },
        **{f"amount_{a}": seed for a in "abcdefghij"},
        "customer": {
            "email": f"ann{seed}@example.com",
            "address": {"city": "Ardenholm", "country": "DE", "line2": None},
        },
        "products": [product] * 4,
        "settings": {f"is_{a}_allowed": seed % 2 == 0 for a in "abcdefghijklmnopq"},
    }


def page() -> bytes:
    """A page with a menu, a list of products and the form that adds each to the basket."""
    menu = "".join(
        f'<li class="nav-item"><a class="nav-link" href="/category/{n}/">Category {n}</a></li>' for n in range(60)
    )
    form = '<form action="/basket/add/{0}/" method="post"><input type="hidden" name="csrfmiddlewaretoken" value="x{0}">'
    item = '<article class="product_pod"><h3><a href="/catalogue/{0}/" title="a">Thing {0}</a></h3>' + form
    items = "".join(f"{item.format(n)}<button>Add</button></form></article>" for n in range(20, 60))
    return f"<!DOCTYPE html><html><head><title>Shop</title></head><body><ul>{menu}</ul>{items}".encode() + b" " * 16_000


def count(value: Any) -> int:
    """The values of a document, containers among them."""
    below = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(map(count, below))


def least(steps: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Microseconds each step takes, at the least."""
    taken = dict.fromkeys(steps, float("inf"))
    for _ in range(_PASSES):
        for name, step in steps.items():
            begin = time.perf_counter()
            for _ in range(_TIMES):
                step()
            taken[name] = min(taken[name], (time.perf_counter() - begin) / _TIMES * 1e6)
    return taken


def memory(body: bytes) -> tuple[float, float]:
    """KiB of what is learned of an endpoint; bytes that the make of one of 100,000 steps adds, its place in a list left
    out."""
    live, learner = answer(body), Learner()
    tracemalloc.start()
    makes = [learner.make(f"POST /{number}", live) for number in range(_ENDPOINTS)]
    places = tracemalloc.get_traced_memory()[0] / _ENDPOINTS / 1024
    before = tracemalloc.get_traced_memory()[0]
    steps = [makes[number % _ENDPOINTS] for number in range(_STEPS)]
    added = tracemalloc.get_traced_memory()[0] - before - sys.getsizeof(steps)
    tracemalloc.stop()
    return places, max(added, 0) / _STEPS


if __name__ == "__main__":
    main()
