"""Minters are named on the command line; one of one's own is a class with two methods."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from replay.mint import EmbeddedMinter, MintError, Outcome, StripeMinter, find, kind_of, load_minters, needed, wanted
from tests.replay.mint.exchanges import confirmed

SLOT = "body.$.nonce"
KEY = "sk_test_" + "0" * 24
OWN = """
from __future__ import annotations


class Shop:
    def __init__(self, argument="none"):
        self.argument = argument

    def wants(self, slot, text):
        return slot.endswith("nonce")

    async def mint(self, recorded, wanted):
        return f"{self.argument} {recorded.id} {wanted.kind}"


class Closing(Shop):
    alike = True

    async def aclose(self):
        self.argument.close()


class Failing(Shop):
    def wants(self, slot, text):
        return self.nothing

    async def mint(self, recorded, wanted):
        raise KeyError("token")


class Empty(Shop):
    async def mint(self, recorded, wanted):
        return ""


class Lacking:
    pass


def broken():
    raise OSError("no")


ready = Shop("ready")
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "minters.py"
    path.write_text(OWN)
    return path


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two packages that announce a minter; the second cannot be imported."""
    (tmp_path / "shop_minters_of_a_test.py").write_text(OWN)
    folder = tmp_path / "shop_minters-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: shop-minters\nVersion: 1.0\n")
    lines = ["shop = shop_minters_of_a_test:Shop", "gone = nowhere_at_all:Shop"]
    (folder / "entry_points.txt").write_text("[reprise.minters]\n" + "\n".join(lines) + "\n")
    monkeypatch.syspath_prepend(str(tmp_path))


def made(spec: str) -> str:
    (minter,) = load_minters([spec], environ={})
    return asyncio.run(minter.mint(confirmed(number=3), wanted(SLOT, "nonce_1")))


def test_the_built_in_ones_are_named_with_their_address_or_key() -> None:
    given = ["embedded=http://127.0.0.1:9", "stripe=env:K,return_url=https://a/b=c,base=http://127.0.0.1:1", "stripe"]
    minters = load_minters(given, environ={"K": KEY, "STRIPE_SECRET_KEY": KEY})
    assert [type(minter) for minter in minters] == [EmbeddedMinter, StripeMinter, StripeMinter]


def test_one_of_a_file_is_called_with_what_stands_behind_the_name(file: Path) -> None:
    made_by = [made(f"{file}:Shop"), made(f"{file}:Shop=a=b"), made(f"{file}:ready")]
    assert made_by == ["none 3 nonce_", "a=b 3 nonce_", "ready 3 nonce_"]


@pytest.mark.usefixtures("installed")
def test_one_that_another_package_brings_is_found_by_its_name() -> None:
    assert made("shop=x") == "x 3 nonce_"


def test_only_two_methods_are_needed(file: Path) -> None:
    (minter,) = load_minters([f"{file}:Shop"], environ={})
    asyncio.run(minter.aclose())
    assert (minter.name, minter.alike, minter.wants(SLOT, "x")) == (f"{file}:Shop", False, True)


def test_the_first_that_makes_it_is_asked(file: Path) -> None:
    minters = load_minters(
        ["embedded=http://127.0.0.1:9", f"{file}:Shop", "stripe"], environ={"STRIPE_SECRET_KEY": KEY}
    )
    slots = [("body.$.confirmation_token_id", "ctoken_1"), (SLOT, "nonce_1"), ("form.pm", "pm_1"), ("body.$.id", "x1")]
    found = [find(minters, *slot) for slot in slots]
    assert found == [*minters, None]


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        ("embedded", "The embedded provider's address is missing; say --minter embedded="),
        ("stripe", "The secret of Stripe is not there: the environment has no STRIPE_SECRET_KEY; set it"),
        ("stripe=" + KEY, "is given as env:NAME, file:PATH or literal:TEXT"),
        ("adyen", "There is no minter adyen; choose of embedded=URL, stripe"),
        ("gone", "The minter gone cannot be loaded (ModuleNotFoundError"),
        ("minters.py:Shop", "There is no file minters.py"),
        ("{file}:Lacking", "is no minter: it needs the methods wants(slot, text) and mint(recorded, wanted)."),
        ("{file}:broken", "cannot be made (OSError: no); it is called with what stands behind NAME=."),
    ],
)
def test_a_minter_that_cannot_be_had_says_what_to_do(file: Path, spec: str, sentence: str) -> None:
    with pytest.raises(MintError) as refused:
        load_minters([spec.format(file=file)], environ={})
    assert sentence in str(refused.value)
    assert KEY not in str(refused.value)


def test_a_minter_that_fails_is_told_in_a_sentence(file: Path) -> None:
    with pytest.raises(
        MintError, match=r"Failing made nothing for body\.\$\.nonce \(KeyError: 'token'\); mend its mint"
    ):
        made(f"{file}:Failing")
    with pytest.raises(MintError, match=r"Empty made str for body\.\$\.nonce; its mint must return a text"):
        made(f"{file}:Empty")
    with pytest.raises(MintError, match=r"Failing fails at body\.\$\.nonce \(AttributeError\); mend its wants"):
        find(load_minters([f"{file}:Failing"], environ={}), SLOT, "x")


@pytest.mark.parametrize(
    ("slot", "text", "sentence"),
    [
        (
            "body.$.confirmation_token_id",
            "ctoken_1",
            (
                "a confirmation token (body.$.confirmation_token_id), and no minter makes one; say --minter "
                "embedded=URL, --minter stripe or --minter FILE.py:NAME with one of your own."
            ),
        ),
        (
            "form.nonce",
            "nonce_1",
            (
                "a value of another service (form.nonce), and no minter makes one; say --minter FILE.py:NAME with "
                "one of your own."
            ),
        ),
    ],
)
def test_preflight_says_what_nobody_mints(slot: str, text: str, sentence: str) -> None:
    assert needed(slot, text) == sentence


@pytest.mark.parametrize(
    ("slot", "text", "kind"),
    [
        ("body.$.anything", "ctoken_1Ow71C", "confirmation token"),
        ("body.$.confirmation_token_id", "kx81mq02", "confirmation token"),
        ("body.$.payment.paymentMethodId", "8f14e45f", "payment method"),
        ("form.payment_method", "pm_1Q0PsI", "payment method"),
        ("form.stripeToken", "tok_1N3T00", "card token"),
        ("form.payment_method", "invoice", None),
        ("body.$.payment_method", "cus_1Q0PsI", None),
        ("body.$.id", "8f14e45f", None),
        ("path[2]", "pmx1", None),
        ("", "x1", None),
    ],
)
def test_what_is_wanted_is_known_by_its_beginning_or_its_field(slot: str, text: str, kind: str | None) -> None:
    assert kind_of(slot, text) == kind


def test_the_recorded_value_itself_is_not_kept() -> None:
    assert "Ow71C" not in repr(wanted("body.$.t", "ctoken_1Ow71C", Outcome.EXPIRED))
