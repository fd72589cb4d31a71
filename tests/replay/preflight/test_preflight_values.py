"""Values nobody has, values all sessions share, and values that hold no longer: what is said, and what it costs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from replay.mint import EmbeddedMinter
from replay.prepare import Given
from replay.sign import Keyring
from tests.replay.preflight.scenes import DAY, THEN, asking, bearer, findings, jwt, of
from tests.traces.links.scene import Scene, token

STRIPE = (b"stripe-signature", b"t=1795339815,v1=5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd")
KEYED = Keyring(["stripe=env:K", "jwt=env:K"], environ={"K": "a secret of thirty-two characters"})


def paying(sessions: int = 4) -> Scene:
    """Sessions that pay with a token of a payment provider's."""
    scene = Scene()
    for n in range(sessions):
        scene.ask(n * 100, "POST /cart", {"id": token(f"cart {n}")}, body={}, on=f"c{n}")
        body = {"cart": token(f"cart {n}"), "confirmation_token_id": f"ctoken_{token(n)}"}
        scene.ask(n * 100 + 10, "POST /pay/confirm", {"status": "paid"}, body=body, on=f"c{n}")
    return scene


def own(line: str = "GET /me", *, sessions: int = 4, valid: float = 3600) -> Scene:
    """Sessions that each send a JWT of their own, which no answer gave."""
    scene = Scene()
    for n in range(sessions):
        scene.ask(n * 100, line, {}, headers=bearer(jwt(sub=f"u{n}", exp=THEN + valid)), on=f"c{n}")
    return scene


# What nobody has.


def test_what_needs_a_minter_is_one_finding_for_all_its_sessions_with_some_named() -> None:
    ((sessions, sentence),) = of("unbound", findings(paying()))
    needs, _, say = sentence.partition(", and no minter makes one; ")
    assert (sessions, needs) == (4, "POST /pay/confirm needs a confirmation token (body.$.confirmation_token_id)")
    assert (say.startswith("say --minter embedded=URL"), say.endswith(" (s0, s2, s4, ...)")) == (True, True)


def test_copies_are_lost_as_their_sessions_are() -> None:
    assert [sessions for sessions, _ in of("unbound", findings(paying(), multiply=3))] == [12]


def test_what_a_minter_makes_is_no_finding() -> None:
    given = Given(minters=[EmbeddedMinter("http://127.0.0.1:9000")])
    assert of("unbound", findings(paying(), given)) == []


def test_a_webhook_without_its_secret_ends_its_sessions() -> None:
    scene = asking("POST /hooks", body={"a": 1}, headers=(STRIPE,))
    ((sessions, sentence),) = of("unbound", findings(scene))
    assert (sessions, "say --secret stripe=env:NAME" in sentence, "too old" in sentence) == (4, True, True)


def test_a_webhook_with_its_secret_is_no_finding() -> None:
    scene = asking("POST /hooks", body={"a": 1}, headers=(STRIPE,))
    assert {finding.kind for finding in findings(scene, Given(keyring=KEYED))} == {"changes"}


# What all sessions share.


def test_a_shared_id_is_named_with_how_to_give_another() -> None:
    scene = asking("POST /v1/checkouts", body={"product_id": token("product")})
    sentence = (
        "the recorded product_id, which no answer issued, is sent (POST /v1/checkouts body.$.product_id); unless the "
        "target knows it, give its own by LOAD_TEST_PRODUCT_ID or --set product_id=... or --map FILE"
    )
    assert of("parameter", findings(scene)) == [(4, sentence)]


@pytest.mark.parametrize("how", [{"given": {"product_id": "other"}}, {"defaults": {"product_id": "other"}}])
def test_a_shared_id_that_was_given_is_no_finding(how: dict[str, Any]) -> None:
    scene = asking("POST /v1/checkouts", body={"product_id": token("product")})
    assert of("parameter", findings(scene, **how)) == []


def test_a_shared_id_that_is_mapped_is_no_finding(tmp_path: Path) -> None:
    scene = asking("POST /v1/checkouts", body={"product_id": token("product")})
    file = tmp_path / "map.csv"
    file.write_text(f"{token('product')},other\n")
    assert of("parameter", findings(scene, mapping=str(file))) == []


def test_a_credential_of_all_requests_is_one_finding() -> None:
    scene = Scene()
    for n in range(4):
        for step, line in enumerate(("GET /a", "GET /b", "GET /c")):
            scene.ask(n * 100 + step, line, {}, headers=bearer(token("key")), on=f"c{n}")
    ((sessions, sentence),) = of("parameter", findings(scene))
    assert (sessions, "auth.bearer and 2 other places" in sentence, "LOAD_TEST_API_TOKEN" in sentence) == (
        4,
        True,
        True,
    )


def test_a_credential_is_told_even_when_one_session_alone_says_nothing_of_others() -> None:
    ((sessions, sentence),) = of("parameter", findings(asking("GET /a", sessions=1, headers=bearer(token("key")))))
    assert (sessions, "--set api_token=..." in sentence, "LOAD_TEST" in sentence) == (1, True, False)


def test_an_issued_credential_is_no_finding() -> None:
    scene = Scene()
    for n in range(4):
        scene.ask(n * 100, "POST /login", {"token": token(n)}, body={}, on=f"c{n}")
        scene.ask(n * 100 + 10, "GET /me", {}, headers=bearer(token(n)), on=f"c{n}")
    assert of("parameter", findings(scene)) == []


# What holds no longer.


def test_a_token_that_expired_since_is_said_once_and_not_again_as_a_shared_value() -> None:
    scene = asking("GET /me", headers=bearer(jwt(sub="u", exp=THEN + 3600)))
    found = findings(scene, later=3 * DAY)
    sentence = (
        "a token sent as recorded expired 3 days ago (GET /me auth.bearer); say --set api_token=..., or --secret "
        "jwt=env:NAME to sign it anew"
    )
    assert (of("expired", found), of("parameter", found)) == ([(4, sentence)], [])


def test_only_sessions_whose_token_ends_before_the_run_does_are_counted() -> None:
    scene = Scene()
    for n in range(4):
        scene.ask(n * 100, "GET /me", {}, headers=bearer(jwt(sub=f"u{n}", exp=THEN + (n + 1) * 3600)), on=f"c{n}")
    ((sessions, sentence),) = of("expired", findings(scene, later=2.5 * 3600))
    assert (sessions, "expired 30 minutes ago" in sentence) == (2, True)


def test_a_token_that_ends_during_the_run_is_said_before() -> None:
    scene = asking("GET /me", headers=bearer(jwt(sub="u", exp=THEN + 60)))
    # The fourth session starts 0.3 s after the first.
    ((sessions, sentence),) = of("expired", findings(scene, later=59.8))
    assert (sessions, "before the run ends" in sentence) == (4, True)


def test_a_faster_run_is_over_before_the_token_is() -> None:
    scene = asking("GET /me", headers=bearer(jwt(sub="u", exp=THEN + 60)))
    assert of("expired", findings(scene, later=59.8, speed=5)) == []


def test_a_token_that_had_expired_when_it_was_recorded_did_no_harm_then() -> None:
    scene = asking("GET /me", headers=bearer(jwt(sub="u", exp=THEN - 60)))
    assert of("expired", findings(scene, later=DAY)) == []


def test_a_token_that_is_signed_anew_does_not_expire() -> None:
    assert findings(own(), Given(keyring=KEYED), later=3 * DAY) == []


def test_an_issued_token_is_live_and_its_recorded_end_means_nothing() -> None:
    scene = Scene()
    for n in range(4):
        issued = jwt(sub=f"u{n}", exp=THEN + 3600)
        scene.ask(n * 100, "POST /login", {"token": issued}, body={}, on=f"c{n}")
        scene.ask(n * 100 + 10, "GET /me", {}, headers=bearer(issued), on=f"c{n}")
    assert of("expired", findings(scene, later=3 * DAY)) == []


SIGNED = [
    f"https://s3.example/b/k?X-Amz-Date=20261122T080000Z&X-Amz-Expires=86400&X-Amz-Signature={token('s', 64)}",
    f"https://storage.example/b/k?X-Goog-Date=20261122T080000Z&X-Goog-Expires=86400&X-Goog-Signature={token('s', 64)}",
    f"https://blob.example/b/k?sv=2024-11-04&se=2026-11-23T08%3A00%3A00Z&sig={token('s', 44)}",
    f"https://cdn.example/b/k?Expires={THEN + DAY}&Signature={token('s', 64)}&Key-Pair-Id=K2JCJMDEHXQW5F",
]


@pytest.mark.parametrize("url", SIGNED)
def test_a_signed_url_ends(url: str) -> None:
    scene = asking("POST /images", body={"image": url})
    ((sessions, sentence),) = of("expired", findings(scene, later=20 * DAY))
    assert (sessions, "a signed URL" in sentence, "body.$.image" in sentence, "Signature" in sentence) == (
        4,
        True,
        True,
        False,
    )
    assert of("parameter", findings(scene, later=20 * DAY)) == []


def test_a_signed_request_ends() -> None:
    scene = asking(SIGNED[2].removeprefix("https://blob.example").join(["GET ", ""]))
    assert [sessions for sessions, _ in of("expired", findings(scene, later=20 * DAY))] == [4]


def test_a_field_that_says_until_when_is_looked_at() -> None:
    scene = asking("POST /offers", body={"expires_at": "2028-11-22T08:00:00Z"})
    ((sessions, sentence),) = of("expired", findings(scene, later=3 * 365 * DAY))
    assert (sessions, "--set expires_at=..." in sentence) == (4, True)


# What could be used once.


def test_one_time_codes_are_said_to_be_spent() -> None:
    scene = Scene()
    for n in range(4):
        scene.ask(n * 100, "POST /login/verify", {}, body={"otp": f"31415{n}"}, on=f"c{n}")
        scene.ask(n * 100 + 10, f"GET /oauth/callback?code=4f2a8b{n}c9d0e&state={token(n)}", {}, on=f"c{n}")
    (oauth, otp) = of("spent", findings(scene))
    assert (oauth[0], "(GET /oauth/callback query.code)" in oauth[1]) == (4, True)
    assert (otp[0], "(POST /login/verify body.$.otp)" in otp[1]) == (4, True)


def test_a_code_that_all_sessions_share_is_a_test_systems() -> None:
    assert of("spent", findings(asking("POST /login/verify", body={"otp": "000000"}))) == []


def test_a_voucher_is_no_one_time_code() -> None:
    scene = Scene()
    for n in range(4):
        scene.ask(n * 100, "POST /basket/voucher", {}, body={"code": f"XMAS{n}"}, on=f"c{n}")
    assert of("spent", findings(scene)) == []


def test_no_finding_holds_a_recorded_value() -> None:
    secrets = {
        "key": jwt(sub="u", exp=THEN + 60),
        "api_key": token("api"),
        "otp": "271828",
        "image": SIGNED[0],
        "password": "pass-word-1",
        "confirmation_token_id": f"ctoken_{token('pay')}",
    }
    scene = Scene()
    for n in range(4):
        body = secrets | {"otp": f"27182{n}"}
        scene.ask(n * 100, f"POST /login?api_key={token('api')}", {}, body=body, headers=bearer(token("b")), on=f"c{n}")
    said = " ".join(finding.sentence for finding in findings(scene, later=9 * DAY))
    known = [*secrets.values(), token("b"), token("s", 64), "27182"]
    assert ([text for text in known if text in said], "expired" in said, "api_key" in said) == ([], True, True)
