"""A person's own signer is a small class in a file, and its mistakes are told in a sentence."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from replay.sign import Keyring, SignError, load_signers, plan
from traces.model import Request

#: What Slack's documentation has for an example ("Verifying requests from Slack"), put together from its parts.
SECRET = "8f742231b10e8888" + "abcd99yyyzzz85a5"
BODY = (
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar"
    b"&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack."
    b"com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc"
    b"887a14d10d2c447fce8b6703c"
)
SIGNED = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
KEYRING = Keyring([f"slack=literal:{SECRET}"], environ={})

SLACK = """
from __future__ import annotations

import hmac
from dataclasses import dataclass, field


@dataclass
class Slack:
    keyring: object
    key: bytes = field(init=False)

    def __post_init__(self):
        self.key = self.keyring.need("slack").reveal()

    def wants(self, request):
        return any(name.lower() == b"x-slack-signature" for name, _ in request.headers)

    def values(self, head, body, *, at):
        made = hmac.new(self.key, b"v0:%d:%b" % (at, body), "sha256").hexdigest()
        return {"x-slack-request-timestamp": at, "x-slack-signature": f"v0={made}"}


class Broken(Slack):
    def wants(self, request):
        return request.nothing


class Failing(Slack):
    def values(self, head, body, *, at):
        raise ValueError(self.key)


class Leaking:
    def __init__(self, keyring):
        raise ValueError(keyring.need("slack").reveal())


class Lacking:
    def __init__(self, keyring):
        pass


def make(keyring):
    return Slack(keyring)


class Ready:
    def wants(self, request):
        return True

    def values(self, head, body, *, at):
        return {"x-signed": f"{head.method} {head.target} {head.get('digest')}"}


ready = Ready()
"""

REQUEST = Request(
    method=b"POST",
    scheme=b"https",
    authority=b"a",
    target=b"/slack",
    headers=(
        (b"X-Slack-Request-Timestamp", b"1"),
        (b"X-Slack-Signature", b"v0=" + b"0" * 64),
        (b"Digest", b"SHA-256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
    ),
)
HEAD = b"POST /slack HTTP/1.1\r\nX-Slack-Request-Timestamp: 1\r\nX-Slack-Signature: v0=0\r\nDigest: old\r\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "slack.py"
    path.write_text(SLACK)
    return path


@pytest.mark.parametrize("name", ["Slack", "make"])
def test_slacks_own_example_comes_out_of_a_persons_signer(file: Path, name: str) -> None:
    signing = plan(REQUEST, KEYRING, load_signers([f"{file}:{name}"], KEYRING))
    signed = signing.sign(HEAD, BODY, at=1531420618)
    assert (signing.missing, set(signing.headers)) == ((), {"x-slack-signature", "digest"})
    assert b"X-Slack-Request-Timestamp: 1531420618\r\nX-Slack-Signature: " + SIGNED.encode() + b"\r\n" in signed


def test_an_installed_module_is_named_too(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.rename(file.with_name("slack_signing_of_a_test.py"))
    monkeypatch.syspath_prepend(str(file.parent))
    assert load_signers(["slack_signing_of_a_test:Slack"], KEYRING)[0].wants(REQUEST)


def test_a_file_of_ones_own_does_not_hide_a_package_of_its_name(file: Path) -> None:
    file = file.rename(file.with_name("json.py"))
    before = sys.modules.get("json")
    load_signers([f"{file}:Slack"], KEYRING)
    assert sys.modules.get("json") is before


def test_ones_own_signer_signs_last_and_sees_the_new_digest(file: Path) -> None:
    signed = plan(REQUEST, KEYRING, load_signers([f"{file}:ready"], KEYRING)).sign(HEAD, b"", at=0)
    digest = b"SHA-256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
    assert signed.endswith(b"Digest: %b\r\nx-signed: POST /slack %b\r\n" % (digest, digest))


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        ("slack.py", "slack.py names no code; write FILE.py:NAME or MODULE:NAME."),
        ("nowhere.py:Slack", "There is no file nowhere.py; name one that defines Slack."),
        ("no_such_module_at_all:Slack", "no_such_module_at_all cannot be loaded (ModuleNotFoundError"),
        ("{file}:Teams", "has no Teams; name what it defines."),
        ("{file}:Lacking", "is no signer: it needs the methods wants(request) and values(head, body, *, at)."),
        ("{file}:Leaking", "cannot be made (ValueError); it is called with the keyring."),
    ],
)
def test_a_signer_that_cannot_be_loaded_says_what_to_do(file: Path, spec: str, sentence: str) -> None:
    with pytest.raises(SignError) as refused:
        load_signers([spec.format(file=file)], KEYRING)
    assert sentence in str(refused.value)
    assert SECRET not in str(refused.value)


def test_a_file_with_a_mistake_says_which(file: Path) -> None:
    file.write_text("class Slack(:\n")
    with pytest.raises(SignError, match=r"cannot be loaded \(SyntaxError: .*line 1\)\); mend it and try again"):
        load_signers([f"{file}:Slack"], KEYRING)


def test_a_signer_whose_secret_was_not_given_says_how_to_give_it(file: Path) -> None:
    with pytest.raises(SignError, match="say --secret slack=env:NAME"):
        load_signers([f"{file}:Slack"], Keyring(environ={}))


def test_a_signer_that_fails_says_so_without_its_secret(file: Path) -> None:
    (broken,) = load_signers([f"{file}:Broken"], KEYRING)
    with pytest.raises(SignError, match=r"slack\.py:Broken fails at a request \(AttributeError\); mend its wants"):
        plan(REQUEST, KEYRING, [broken])
    signing = plan(REQUEST, KEYRING, load_signers([f"{file}:Failing"], KEYRING))
    with pytest.raises(SignError, match=r"Failing signs nothing \(ValueError\); mend its values") as refused:
        signing.sign(HEAD, b"", at=0)
    assert SECRET not in str(refused.value)
