"""A JWT that the client signs itself is signed anew for each copy: its claims filled, its times moved, its id fresh."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Container
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from replay.bind import Choices, Context, Program, Unbound, compile_sessions
from replay.bind.filling import Filled
from replay.bind.holes import Resigned
from replay.bind.mapping import IdMap
from replay.engine.minting import minted
from replay.mint import Wanted
from replay.sign import Keyring, SignError, SigningPlan
from tests.replay.bind.test_bind_filling import THEN, WHERE, kinds, ok, programs, sent, uses
from tests.traces.links.scene import Scene, token
from traces.analysis import analyse
from traces.links import Graph
from traces.model import Exchange, HeaderPairs

KEY = b"a test's key, shared with the target"
KEYRING = Keyring([f"jwt=literal:{KEY.decode()}"], environ={})
RSA = rsa.generate_private_key(65537, 2048)


def segment(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).decode().rstrip("=")


def opened(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def jwt(claims: dict[str, Any], key: bytes = b"the merchant's own", **header: str) -> str:
    parts = ({"alg": "HS256", "typ": "JWT", **header}, claims)
    signed = ".".join(segment(json.dumps(part).encode()) for part in parts)
    return f"{signed}.{segment(hmac.digest(key, signed.encode(), 'sha256'))}"


def claims(text: str, key: bytes = KEY) -> dict[str, Any]:
    """What a receiver with this key accepts the token for (RFC 7515, 5.2)."""
    signed, _, signature = text.rpartition(".")
    assert hmac.compare_digest(opened(signature), hmac.new(key, signed.encode(), hashlib.sha256).digest())
    found: dict[str, Any] = json.loads(opened(signed.partition(".")[2]))
    return found


def checkout(made: str, *, headers: HeaderPairs = (), **body: Any) -> Scene:
    """One session that is given an id, and then asks with a token of its own."""
    return uses({"checkout_jwt": made, **body}, headers=headers)


def resent(scene: Scene, *, later: int = 0, key: bytes = b"clone", **choices: Any) -> dict[str, Any]:
    (program, *_) = programs(scene, keyring=KEYRING, **choices)
    body: dict[str, Any] = json.loads(sent(program, 1, ok({"id": "live-77"}), later=later, key=key)[2])
    return body


def test_a_token_of_the_clients_own_holds_at_the_present_time_under_the_test_key() -> None:
    recorded = {"iss": "shop", "iat": THEN - 2, "nbf": THEN - 60, "exp": THEN + 300, "amount": 1999}
    made = resent(checkout(jwt(recorded)), later=86_400)["checkout_jwt"]
    moved = {"iat": THEN + 86_398, "nbf": THEN + 86_340, "exp": THEN + 86_700}
    assert claims(made) == recorded | moved


class Clauses:
    """Looks on while sessions are compiled, and keeps what is said of tokens that are sent as they were."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def request(
        self, _endpoint: str, _exchange: Exchange, filled: Filled, _signing: SigningPlan, _jarred: Container[bytes]
    ) -> None:
        self.found += filled.stale

    def session(self, _program: Program) -> None: ...


def stale(scene: Scene, keyring: Keyring | None = None) -> tuple[str, ...]:
    clauses = Clauses()
    compile_sessions(analyse(scene.exchanges), WHERE, Choices(keyring=keyring), clauses)
    return tuple(clauses.found)


def test_without_a_key_it_is_sent_as_it_was_and_it_is_said_what_to_give() -> None:
    made = jwt({"iss": "shop", "iat": THEN, "email": "ann@shop.example"})
    scene = checkout(made)
    assert (json.loads(sent(programs(scene)[0], 1, later=86_400)[2]), stale(scene)) == (
        {"checkout_jwt": made},
        ("a JWT that the client signs (body.$.checkout_jwt), whose key was not given; say --secret jwt=env:NAME",),
    )


def test_with_a_key_nothing_is_left_to_say() -> None:
    assert stale(checkout(jwt({"iat": THEN})), KEYRING) == ()


def test_the_people_in_it_are_those_of_the_rest_of_the_session() -> None:
    recorded = {"iat": THEN, "email": "ann@shop.example", "ctx": json.dumps({"to": "ann@shop.example", "n": 1})}
    made = resent(checkout(jwt(recorded), email="ann@shop.example"))
    said = claims(made["checkout_jwt"])
    assert (made["email"] != "ann@shop.example", said["email"], json.loads(said["ctx"])["to"]) == (
        True,
        made["email"],
        made["email"],
    )


def test_a_person_in_it_is_whom_the_session_acts_as() -> None:
    (program,) = programs(checkout(jwt({"email": "ann@shop.example"})), keyring=KEYRING)
    assert set(program.people) == {"ann@shop.example"}


def test_its_id_is_another_for_each_copy_and_the_same_wherever_one_copy_sends_it() -> None:
    made = jwt({"iat": THEN, "jti": "0f8b3a7c21d94e65"})
    scene = checkout(made, again=made)
    one, other = (resent(scene, key=key) for key in (b"1", b"2"))
    ids = [claims(body[name])["jti"] for body in (one, other) for name in ("checkout_jwt", "again")]
    assert (ids[0] == ids[1], ids[2] == ids[3], len({*ids, "0f8b3a7c21d94e65"})) == (True, True, 3)


def test_a_value_in_it_that_an_answer_gave_is_the_answers() -> None:
    assert claims(resent(checkout(jwt({"iat": THEN, "order": token(0)})))["checkout_jwt"])["order"] == "live-77"


def test_a_session_whose_answer_lacks_what_it_should_hold_ends_there() -> None:
    (program,) = programs(checkout(jwt({"order": token(0)})), keyring=KEYRING)
    with pytest.raises(Unbound, match=r"no body\.\$\.id"):
        sent(program, 1, ok({}))


def test_where_its_values_come_from_is_known_before_anything_is_sent() -> None:
    (program,) = programs(checkout(jwt({"order": token(0), "email": "ann@shop.example"})), keyring=KEYRING)
    (hole,) = program.steps[1].holes
    assert ([source.step for source in hole.sources], hole.is_personal, hole.unbound, hole.is_timeless) == (
        [0],
        True,
        False,
        False,
    )


def test_a_catalogues_id_in_it_is_the_targets() -> None:
    mapping = IdMap()
    mapping.add("", "prod_8f3a21bc", "prod_51d0c77e")
    scene = checkout(jwt({"iat": THEN, "lines": [{"product": "prod_8f3a21bc"}]}))
    assert claims(resent(scene, mapping=mapping)["checkout_jwt"])["lines"] == [{"product": "prod_51d0c77e"}]


class Pays:
    """A provider's double whose tokens begin with pm_."""

    name, alike = "pays", False

    def wants(self, _slot: str, text: str) -> bool:
        return text.startswith("pm_")

    async def mint(self, _recorded: Exchange, _wanted: Wanted) -> str:
        return "never asked"

    async def aclose(self) -> None: ...


def test_a_providers_token_in_it_is_minted_before_it_is_signed() -> None:
    scene = checkout(jwt({"iat": THEN, "payment_method": "pm_1P0x8aJq3kd92mNs"}))
    (program,) = programs(scene, keyring=KEYRING, minters=[Pays()])
    (hole,), (wanted,) = program.steps[1].holes, minted(program.steps[1])
    made = hole.text(Context(key=b"k", now=THEN * 10**9, minted={wanted: "pm_live"}))
    assert claims(made)["payment_method"] == "pm_live"


def test_its_header_stays_as_it_was() -> None:
    made = jwt({"iat": THEN, "id": "7f01ab23cd45"}, kid="7f01ab23cd45")
    again = resent(checkout(made), later=5)["checkout_jwt"]
    assert again.partition(".")[0] == made.partition(".")[0]


@pytest.mark.parametrize(
    "wrap",
    [
        lambda t: f"https://pay.example/start?token={t}&x=1",
        lambda t: json.dumps({"auth": {"token": t}, "n": 1}),
        lambda t: base64.b64encode(json.dumps({"token": t}).encode()).decode(),
    ],
    ids=["a URL", "JSON in a string", "base64"],
)
def test_it_is_signed_anew_inside_another_value(wrap: Any) -> None:
    made = resent(checkout(wrap(jwt({"iat": THEN}))), later=60)["checkout_jwt"]
    if not made.startswith(("http", "{")):
        made = base64.b64decode(made).decode()
    found = made.partition("token=")[2].partition("&")[0] or json.loads(made)
    text = found if isinstance(found, str) else found.get("token") or found["auth"]["token"]
    assert claims(text)["iat"] == THEN + 60


def test_a_token_in_a_token_is_signed_before_the_one_around_it() -> None:
    inner = jwt({"iat": THEN, "email": "ann@shop.example"})
    said = claims(resent(checkout(jwt({"iat": THEN, "assertion": inner})), later=60)["checkout_jwt"])
    assert (said["iat"], claims(said["assertion"])["iat"]) == (THEN + 60, THEN + 60)


def test_a_bearer_token_from_before_the_recording_is_signed_anew_too() -> None:
    scene = uses(headers=((b"authorization", b"Bearer " + jwt({"sub": "7", "exp": THEN + 60}).encode()),))
    (program,) = programs(scene, keyring=KEYRING)
    scheme, _, made = sent(program, 1, later=86_400)[1][b"authorization"].decode().partition(" ")
    assert (scheme, claims(made)["exp"]) == ("Bearer", THEN + 86_460)


def test_a_token_that_an_answer_issued_is_bound_and_never_signed_here() -> None:
    scene = Scene()
    for n in range(3):
        own = jwt({"sub": str(n), "iat": THEN, "email": f"ann{n}@shop.example"})
        scene.ask(n * 100, "POST /login", {"access": own}, body={}, on=f"c{n}")
        bearer = ((b"authorization", b"Bearer " + own.encode()),)
        scene.ask(n * 100 + 10, "GET /me", {}, headers=bearer, on=f"c{n}")
    (program, *_) = programs(scene, keyring=KEYRING)
    fresh = jwt({"sub": "new"}, b"the target's own")
    assert (kinds(program, 1), sent(program, 1, ok({"access": fresh}))[1][b"authorization"]) == (
        {"auth.bearer": "Live"},
        f"Bearer {fresh}".encode(),
    )


def test_a_token_that_an_answer_issued_is_not_signed_here_though_its_link_was_taken_out() -> None:
    own = jwt({"sub": "7", "iat": THEN})
    scene = Scene()
    scene.ask(0, "POST /login", {"access": own}, body={}, on="c")
    scene.ask(10, "GET /me", {}, headers=((b"authorization", f"Bearer {own}".encode()),), on="c")
    analysis = analyse(scene.exchanges, stated=Graph())
    (program,) = compile_sessions(analysis, WHERE, Choices(keyring=KEYRING))
    assert kinds(program, 1) == {}


def test_a_token_that_an_answer_only_says_again_is_still_the_clients() -> None:
    made = jwt({"iat": THEN})
    scene = Scene()
    scene.ask(0, "POST /start", {"token": made}, body={"token": made}, on="c")
    scene.ask(10, "POST /pay", {}, body={"token": made}, on="c")
    (program,) = programs(scene, keyring=KEYRING)
    assert [kinds(program, n) for n in (0, 1)] == [{"body.$.token": "Resigned"}] * 2


def test_what_the_operator_sets_is_not_signed() -> None:
    (program,) = programs(checkout(jwt({"iat": THEN})), keyring=KEYRING, given={"checkout_jwt": "mine"})
    assert json.loads(sent(program, 1)[2]) == {"checkout_jwt": "mine"}


def test_a_token_of_every_session_that_would_need_a_minter_needs_only_the_key() -> None:
    scene = Scene()
    for n in range(3):
        made = jwt({"iat": THEN + n, "amount": 1999})
        scene.ask(n * 100, "POST /pay", {}, body={"payment_token": made}, on=f"c{n}")
    without, _, _ = programs(scene)
    with_key, *_ = programs(scene, keyring=KEYRING)
    with pytest.raises(Unbound, match=r"say --secret jwt=env:NAME, or --minter"):
        sent(without, 0)
    assert claims(json.loads(sent(with_key, 0, later=9)[2])["payment_token"])["iat"] == THEN + 9


def test_a_cookie_that_the_server_set_is_the_jars_though_it_is_a_token() -> None:
    scene = Scene()
    for n in range(3):
        made = jwt({"sub": str(n), "iat": THEN})
        sets = ((b"set-cookie", b"session=" + made.encode()),)
        scene.ask(n * 100, "GET /", {}, gives=sets if n else (), on=f"c{n}")
        scene.ask(n * 100 + 10, "GET /me", {}, headers=((b"cookie", b"session=" + made.encode()),), on=f"c{n}")
    first = programs(scene, keyring=KEYRING)[0]
    assert [hole for hole in first.steps[1].holes if isinstance(hole.fill, Resigned)] == []


def test_a_token_in_a_header_named_like_a_signature_needs_no_signer() -> None:
    scene = uses({"a": 1}, headers=((b"x-request-signature", jwt({"iat": THEN}).encode()),))
    (without,), (program,) = programs(scene), programs(scene, keyring=KEYRING)
    made = sent(program, 1, later=60)[1][b"x-request-signature"].decode()
    assert (len(without.steps[1].unsigned), program.steps[1].unsigned, claims(made)["iat"]) == (1, (), THEN + 60)


@pytest.mark.parametrize("algorithm", ["none", "NONE"])
def test_an_unsigned_token_stays_one(algorithm: str) -> None:
    made = ".".join(segment(json.dumps(part).encode()) for part in ({"alg": algorithm}, {"iat": THEN})) + ".AA"
    assert resent(checkout(made), later=60)["checkout_jwt"] == made


def test_a_public_key_is_refused_before_anything_is_compiled() -> None:
    pem = RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    with pytest.raises(SignError, match="private key"):
        programs(uses({}), keyring=Keyring([f"jwt=literal:{pem}"], environ={}))


def test_a_private_key_signs_by_the_tokens_algorithm() -> None:
    pem = RSA.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    scene = checkout(jwt({"iat": THEN, "email": "ann@shop.example"}, alg="PS384"))
    (program,) = programs(scene, keyring=Keyring([f"jwt=literal:{pem}"], environ={}))
    made = json.loads(sent(program, 1)[2])["checkout_jwt"]
    signed, _, signature = made.rpartition(".")
    pss = padding.PSS(padding.MGF1(hashes.SHA384()), hashes.SHA384().digest_size)
    try:
        RSA.public_key().verify(opened(signature), signed.encode(), pss, hashes.SHA384())
    except InvalidSignature:
        pytest.fail("the signature does not hold")
    assert json.loads(opened(signed.partition(".")[2]))["email"] != "ann@shop.example"


def test_a_key_for_one_path_signs_nothing_elsewhere() -> None:
    ring = Keyring([f"jwt@/pay=literal:{KEY.decode()}"], environ={})
    scene = checkout(jwt({"iat": THEN}))
    assert (kinds(programs(scene, keyring=ring)[0]), len(stale(scene, ring))) == ({}, 1)


numbers = st.integers(-(10**20), 10**20) | st.floats(allow_nan=False, allow_infinity=False)
values = st.none() | st.booleans() | numbers | st.text(max_size=12)
payloads = st.dictionaries(
    st.sampled_from(["iat", "nbf", "exp", "jti", "email", "sub", "a", "name"]), values | st.lists(values, max_size=3)
)


@settings(deadline=None)
@given(payload=payloads, later=st.integers(0, 10**8), algorithm=st.sampled_from(["HS256", "HS384", "RS256", "x"]))
def test_whatever_it_claims_it_holds_and_keeps_its_distances_and_never_its_signature(
    payload: dict[str, Any], later: int, algorithm: str
) -> None:
    made = jwt(payload, alg=algorithm)
    again = resent(checkout(made), later=later)["checkout_jwt"]
    digest = "sha384" if algorithm == "HS384" else "sha256"
    signed, _, signature = again.rpartition(".")
    after = json.loads(opened(signed.partition(".")[2]))
    near = [n for n in ("iat", "nbf", "exp") if type(payload.get(n)) in {int, float} and abs(payload[n]) < 1e15]
    assert opened(signature) == hmac.digest(KEY, signed.encode(), digest)
    assert signature != made.rpartition(".")[2]
    assert [after[n] for n in near] == [payload[n] + later for n in near]
    kept = payload.keys() - {*near, "jti", "email", "sub", "a", "name"}
    assert {n: after[n] for n in kept} == {n: payload[n] for n in kept}


def test_the_token_and_the_context_of_another_time_give_another_token() -> None:
    (program,) = programs(checkout(jwt({"iat": THEN})), keyring=KEYRING)
    (hole,) = program.steps[1].holes
    first, second = (hole.text(Context(key=b"k", now=(THEN + n) * 10**9)) for n in (1, 2))
    assert claims(second)["iat"] - claims(first)["iat"] == 1
