"""Redirects and pages of HTML: where they lead, which forms they offer, whether they complain."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.traces.outcome.answers import against, page, redirect
from traces.outcome import Learner, differs
from traces.outcome.page import scan

FORM = """<form action="/checkout/preview/" method="post" id="place"><input type=hidden name='csrfmiddlewaretoken'
 value="{}"><select name="country"><option value="GB"></select><textarea name=note><form></textarea>
 <input name="form-{}-quantity" value="1"><button name="action">Buy</button></form>"""
SEARCH = '<form action="/search/"><input name="q"></form>'


@pytest.mark.parametrize(
    ("recorded", "live", "why"),
    [
        ("/checkout/thank-you/100064", "/checkout/thank-you/900001/", None),
        (
            "/checkout/thank-you/100064",
            "/login?next=%2Fcheckout",
            "redirected to /login, recorded /checkout/thank-you/{...}",
        ),
        ("http://shop.example/a-book_209/", "http://127.0.0.1:8000/a-book_1209/", None),
        ("/basket/", "http://localhost/basket/?added=7#top", None),
        ("https://pay.example/s/8f3c01ab9d", "https://pay.example/s/77aa01ab9e?x=1", None),
        ("https://pay.example/pay", "/pay", "redirected to /pay, recorded //pay.example/pay"),
        ("https://pay.example/pay", "http://127.0.0.1:9000/pay", None),
        ("https://pay.example/pay", "http://127.0.0.1/login", "redirected to /login, recorded //pay.example/pay"),
        ("/showOrderConfirmationOfSuccess", "/showOrderConfirmationOfFailure", "redirected to /showOrder"),
        ("/app#/done", "/app#/login", "redirected to /app#/login, recorded /app#/done"),
        ("/return", "/return?error=access_denied", "error access_denied, recorded none"),
        ("/return?status=succeeded", "/return?status=failed", "location.status is failed, recorded succeeded"),
        ("/return?token=a&next=/x", "/return?token=b", None),
        ("/a", "?", "redirected to /, recorded /a"),
    ],
)
def test_a_redirect_is_the_same_when_it_leads_to_the_same_place(recorded: str, live: str, why: str | None) -> None:
    said = against(redirect(recorded), redirect(live))
    assert said is None if why is None else (said or "").startswith(why)


def test_a_redirect_without_a_place_leads_nowhere() -> None:
    assert against(redirect("/thanks"), redirect("")) == "redirected nowhere, recorded /thanks"


def test_a_redirect_recorded_at_the_same_endpoint_for_another_step_is_another_outcome() -> None:
    recorded = [redirect("/login"), redirect("/checkout/payment")]
    assert against(recorded, redirect("/login"), "GET /checkout") == "redirected to /login, recorded /checkout/payment"


def test_a_page_in_place_of_another_answer_says_where_it_leads() -> None:
    assert against(page(FORM), redirect("/login/")) == "status 302 to /login, recorded 200"


@pytest.mark.parametrize(
    ("live", "why"),
    [
        (FORM.format("other", 3) + "<p>More</p>" + SEARCH, None),
        (SEARCH, "no form POST /checkout/preview with csrfmiddlewaretoken, recorded one"),
        (
            FORM.format("a", 0).replace("csrfmiddlewaretoken", "x") + SEARCH,
            "no csrfmiddlewaretoken in the form POST /checkout/preview, recorded one",
        ),
        (FORM.format("a", 0), "no form GET /search with q, recorded one"),
        ("<!-- " + FORM + " -->" + SEARCH, "no form POST /checkout/preview with csrfmiddlewaretoken, recorded one"),
        (
            FORM.format("a", 0) + SEARCH + '<div class="alert alert-danger">Declined</div>',
            "an error message (alert-danger) on the page, recorded none",
        ),
        (
            "<title>\n Error 500 | Shop</title>" + FORM.format("a", 0) + SEARCH,
            "an error message (title) on the page, recorded none",
        ),
    ],
)
def test_a_page_is_the_same_when_it_offers_the_same(live: str, why: str | None) -> None:
    assert against(page(FORM.format("token", 0) + SEARCH), page(live)) == why


def test_what_not_every_recorded_page_had_may_be_missing() -> None:
    assert against([page(FORM + SEARCH), page(SEARCH), page(FORM + SEARCH)], page(SEARCH)) is None


def test_a_page_that_complains_is_like_those_that_did_and_not_like_those_that_did_not() -> None:
    complaining = page(SEARCH + '<ul class="errorlist nonfield"><li>No</ul>')
    recorded = [complaining, page(FORM + SEARCH), page(SEARCH)]
    said = [against(recorded, complaining, step=step) for step in range(3)]
    assert said == [None, *["an error message (errorlist) on the page, recorded none"] * 2]


def test_a_page_without_the_form_that_a_later_request_is_made_of_is_another() -> None:
    learner, shown = Learner(), [page(FORM), page(SEARCH)]
    needed = learner.make("POST /checkout", shown[0], needs=[frozenset({"place", "elsewhere"})])
    free = [learner.make("POST /checkout", one) for one in shown]
    said = [[differs(make, one) for one in shown] for make in (needed, *free)]
    assert said == [[None, "no form elsewhere, which a later request is made of"], [None, None], [None, None]]


def test_fields_of_a_form_are_named_without_their_numbers() -> None:
    assert scan(FORM.format("a", 12)).forms == {
        "POST /checkout/preview": {"csrfmiddlewaretoken", "country", "note", "form-{}-quantity", "action"}
    }


@given(st.text(alphabet="<>form inputae='\"!-/scrl\n") | st.text())
def test_a_page_however_broken_is_like_itself(html: str) -> None:
    assert against(page(html), page(html)) is None


@given(st.text())
def test_any_location_is_like_itself(location: str) -> None:
    assert against(redirect(location), redirect(location)) is None


def test_every_complaint_is_found_by_a_part_of_it() -> None:
    from traces.outcome.page import _COMPLAINTS, _PARTS

    assert [word for word in _COMPLAINTS if not any(part in word for part in _PARTS)] == []
