"""What a session was given by another: one login for all, an order that the back office looks up."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.traces.links.scene import Scene, token
from traces.analysis import Analysis, analyse

#: session, step, slot path of the request -> (session, step, path) of each source.
Bound = dict[tuple[str, int, str], list[tuple[str | None, int, str]]]


def bearer(text: str) -> tuple[tuple[bytes, bytes], ...]:
    return ((b"authorization", f"Bearer {text}".encode()),)


def across(analysis: Analysis) -> set[tuple[str, str, int]]:
    """(producer, consumer, sightings) of every link between sessions."""
    return {(str(link.producer), str(link.consumer), link.sightings) for link in analysis.graph.links if link.across}


def bound(analysis: Analysis) -> Bound:
    found: Bound = {}
    for session in analysis.sessions:
        for binding in analysis.bindings(session):
            asked = analysis.facts.asked.of(session.numbers[binding.step])
            slots = [analysis.facts.slots[row.slot] for row in asked]
            path = slots[-1 if binding.leaf is None else binding.leaf]
            found[session.id, binding.step, path] = [(s.session, s.step, s.path) for s in binding.sources]
    return found


def one_login(users: int) -> Scene:
    """One logs in; then many make and read checkouts of their own with what it was given."""
    scene, org = Scene(), token("login")
    scene.ask(0, "POST /login", {"access_token": org}, body={"user": "shop"}, on="login")
    for n in range(users):
        secret, at = token(n), 1000.0 + n * 100
        scene.ask(at, "POST /checkouts", {"secret": secret}, body={}, on=f"c{n}", headers=bearer(org))
        scene.ask(at + 10, f"GET /checkouts/{secret}", {}, on=f"c{n}", headers=bearer(org))
    return scene


def test_one_login_used_by_many_sessions_is_a_link_between_sessions() -> None:
    assert across(analyse(one_login(8).exchanges)) == {
        ("POST /login body.$.access_token", "POST /checkouts auth.bearer", 8),
        ("POST /login body.$.access_token", "GET /checkouts/{secret} auth.bearer", 8),
    }


def test_bindings_name_the_session_that_logged_in_and_the_one_that_made_the_checkout() -> None:
    analysis = analyse(one_login(8).exchanges)
    login, first, *_ = analysis.sessions
    own = {key: sources for key, sources in bound(analysis).items() if key[0] == first.id}
    assert (login.numbers, own) == (
        (0,),
        {
            (first.id, 0, "auth.bearer"): [(login.id, 0, "body.$.access_token")],
            (first.id, 1, "auth.bearer"): [(login.id, 0, "body.$.access_token")],
            (first.id, 1, "path[2]"): [(None, 0, "body.$.secret")],
        },
    )


def test_the_login_of_a_session_of_its_own_is_taken_from_there() -> None:
    scene = Scene()
    for n in range(8):
        on, at = f"c{n}", n * 100.0
        scene.ask(at, "POST /login", {"access_token": token(n)}, body={}, on=on)
        scene.ask(at + 10, "GET /me", {}, on=on, headers=bearer(token(n)))
    analysis = analyse(scene.exchanges)
    sources = {session for found in bound(analysis).values() for session, _, _ in found}
    assert (across(analysis), sources) == (set(), {None})


def test_a_clerk_who_looks_one_customers_order_up_is_of_that_customers_journey() -> None:
    scene = Scene()
    for n in range(8):
        cart, order, badge, at = token(f"cart {n}"), token(f"order {n}"), token(f"badge {n}"), n * 10_000.0
        scene.ask(at, "POST /cart", {"cart": cart}, body={}, on=f"customer {n}")
        scene.ask(at + 10, f"POST /cart/{cart}/order", {"id": order}, body={}, on=f"customer {n}")
        scene.ask(at + 20, "POST /clerks", {"badge": badge}, body={}, on=f"clerk {n}")
        scene.ask(at + 500, f"GET /desk/{badge}?order={order}", {}, on=f"clerk {n}")
    found = {path: sources for (_, _, path), sources in bound(analyse(scene.exchanges)).items()}
    assert found["query.order"] == [(None, 1, "body.$.id")]


def offered(*, wait: float = 5, echoed: bool = False, at: float = 500) -> Scene:
    """A seller makes one offer, and ten visitors open it: too many to be one journey. `at`: ms at which the first does.

    wait: ms that the offer's answer takes. echoed: the seller's client chose its number.
    """
    scene, offer = Scene(), token("offer")
    scene.ask(0, "POST /offers", {"offer": offer}, body={"offer": offer} if echoed else {}, on="seller", wait=wait)
    for n in range(10):
        visit, on = token(n), f"c{n}"
        scene.ask(at + n * 50, "POST /visits", {"visit": visit}, body={}, on=on)
        scene.ask(at + n * 50 + 10, f"GET /visits/{visit}?offer={offer}", {}, on=on)
    return scene


def givers(scene: Scene) -> list[list[tuple[str | None, int, str]]]:
    """Where each visitor's offer comes from."""
    return [sources for (_, _, path), sources in bound(analyse(scene.exchanges)).items() if path == "query.offer"]


def test_what_one_made_and_many_open_is_read_from_the_one() -> None:
    assert givers(offered()) == [[("s0", 0, "body.$.offer")]] * 10


def test_an_answer_that_was_not_whole_when_a_request_began_gives_it_nothing() -> None:
    # The first four began within 200 ms; the offer's answer was whole after 205.
    analysis = analyse(offered(wait=205, at=10).exchanges)
    found = [sources for (_, _, path), sources in bound(analysis).items() if path == "query.offer"]
    whole = [found_[0][0] for found_ in found if found_]
    assert whole == ["s0"] * 6


def test_a_value_that_its_giver_only_repeated_is_no_ones_issue() -> None:
    scene = offered(echoed=True)
    assert (across(analyse(scene.exchanges)), givers(scene)) == (set(), [])


def test_what_its_own_session_is_given_later_too_is_still_read_from_the_first() -> None:
    scene, offer = Scene(), token("offer")
    scene.ask(0, "POST /offers", {"offer": offer}, body={}, on="seller")
    for n in range(10):
        visit, at, on = token(n), 500 + n * 50, f"c{n}"
        scene.ask(at, "POST /visits", {"visit": visit}, body={}, on=on)
        scene.ask(at + 10, f"GET /visits/{visit}?offer={offer}", {"offer": offer}, on=on)
        scene.ask(at + 20, f"POST /visits/{visit}/buy", body={"offer": offer}, on=on)
    found = bound(analyse(scene.exchanges))
    assert {tuple(sources) for (_, _, path), sources in found.items() if path in {"query.offer", "body.$.offer"}} == {
        (("s0", 0, "body.$.offer"),)
    }


def test_a_small_number_is_never_looked_for_in_other_sessions() -> None:
    scene = Scene()
    scene.ask(0, "POST /offers", {"offer": 17}, body={}, on="seller")
    for n in range(10):
        scene.ask(500 + n * 50, "POST /visits", {"visit": token(n)}, body={}, on=f"c{n}")
        scene.ask(510 + n * 50, f"GET /visits/{token(n)}?offer=17", {}, on=f"c{n}")
    assert (across(analyse(scene.exchanges)), givers(scene)) == (set(), [])


def test_the_earliest_of_two_sessions_that_gave_a_value_is_named() -> None:
    scene, offer = Scene(), token("offer")
    for n, at in enumerate((0, 100, 200, 300, 400, 450)):
        scene.ask(at, "POST /sellers", {"seller": token(f"seller {n}")}, body={}, on=f"seller {n}")
        scene.ask(at + 10, f"GET /sellers/{token(f'seller {n}')}", {"offer": offer}, on=f"seller {n}")
    for n in range(10):
        scene.ask(600 + n * 50, "POST /visits", {"visit": token(n)}, body={}, on=f"c{n}")
        scene.ask(610 + n * 50, f"GET /visits/{token(n)}?offer={offer}", {}, on=f"c{n}")
    assert givers(scene) == [[("s0", 1, "body.$.offer")]] * 10


@given(
    st.lists(
        st.tuples(st.integers(0, 60), st.integers(0, 3), st.integers(0, 3), st.integers(1, 30), st.integers(0, 5)),
        max_size=20,
    )
)
def test_whoever_gives_across_sessions_had_answered_before_and_had_not_been_asked_by_that_value(
    asked: list[tuple[int, int, int, int, int]],
) -> None:
    scene = Scene()
    for at, carried, gives, wait, on in asked:
        answer = {"items": [{"id": token(gives)}], "own": token(f"own {on}")}
        scene.ask(at, f"GET /a/{token(carried)}", answer, body=None, on=f"c{on}", wait=wait)
    analysis = analyse(scene.exchanges)
    sessions = {session.id: session for session in analysis.sessions}
    facts, wrong = analysis.facts, []
    for session in analysis.sessions:
        for binding in analysis.bindings(session):
            number = session.numbers[binding.step]
            value = list(facts.asked.of(number))[-1 if binding.leaf is None else binding.leaf].value
            for source in binding.sources:
                if source.session is not None:
                    giver = sessions[source.session].numbers[source.step]
                    own = {row.value for row in facts.asked.of(giver)}
                    if source.session == session.id or facts.end[giver] > facts.received[number] or value in own:
                        wrong.append((number, giver))
    assert wrong == []
