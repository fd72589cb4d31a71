"""Values are ready before they are needed, never more than are, and each is handed out once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replay.mint import MintError, Outcome, Pool, Wanted, wanted
from tests.replay.mint.exchanges import confirmed
from traces.model import Exchange

TOKEN = wanted("body.$.confirmation_token_id", "ctoken_1")
DECLINED = wanted("body.$.confirmation_token_id", "ctoken_1", Outcome.DECLINED)
RECORDED = confirmed()


@dataclass
class Counting:
    """Mints 1, 2, 3...; the first `failing` of them fail; each takes `seconds`."""

    name: str = "counting"
    alike: bool = True
    failing: int = 0
    seconds: float = 0.0
    begun: int = 0
    under_way: int = 0
    most: int = 0
    closed: bool = False
    told: list[int] = field(default_factory=list)

    def wants(self, slot: str, text: str) -> bool:
        return bool(slot and text)

    async def mint(self, recorded: Exchange, wanted: Wanted) -> str:
        self.begun += 1
        number = self.begun
        self.told.append(recorded.id)
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            await asyncio.sleep(self.seconds)
        finally:
            self.under_way -= 1
        if number <= self.failing:
            raise MintError(f"number {number}")
        return f"{wanted.card or 'any'} {number}"

    async def aclose(self) -> None:
        self.closed = True


def run(minter: Counting, play: Callable[[Pool], Awaitable[None]], ahead: int = 2, at_once: int = 4) -> None:
    async def whole() -> None:
        pool = Pool(minter, ahead=ahead, at_once=at_once, patience=5)
        try:
            await play(pool)
        finally:
            await pool.aclose()
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(whole())
    assert (minter.closed, minter.under_way) == (True, 0)


async def settle() -> None:
    """Let every task that can do so go on."""
    for _ in range(20):
        await asyncio.sleep(0)


def test_a_few_are_made_before_anybody_takes_one() -> None:
    minter = Counting()

    async def play(pool: Pool) -> None:
        pool.expect(RECORDED, TOKEN, 5)
        await settle()
        assert minter.begun == 2
        assert [await pool.take(RECORDED, TOKEN) for _ in range(2)] == ["any 1", "any 2"]
        await settle()
        assert minter.begun == 4

    run(minter, play)


@given(announced=st.integers(0, 12), taken=st.integers(0, 15), ahead=st.integers(0, 5), at_once=st.integers(1, 3))
def test_never_more_are_made_than_were_announced_or_taken(announced: int, taken: int, ahead: int, at_once: int) -> None:
    minter = Counting()

    async def play(pool: Pool) -> None:
        pool.expect(RECORDED, TOKEN, announced)
        values = await asyncio.gather(*(pool.take(RECORDED, TOKEN) for _ in range(taken)))
        await settle()
        assert len(set(values)) == taken
        assert taken <= minter.begun <= max(taken, min(announced, taken + ahead))

    run(minter, play, ahead, at_once)
    assert minter.most <= at_once


def test_each_outcome_has_values_of_its_own() -> None:
    async def play(pool: Pool) -> None:
        pool.expect(RECORDED, TOKEN, 1)
        pool.expect(RECORDED, DECLINED, 1)
        assert [await pool.take(RECORDED, w) for w in (DECLINED, TOKEN)] == ["generic_decline 2", "any 1"]

    run(Counting(), play)


def test_what_nobody_announced_is_made_when_it_is_taken() -> None:
    async def play(pool: Pool) -> None:
        assert await pool.take(RECORDED, TOKEN) == "any 1"

    run(Counting(), play)


def test_values_that_depend_on_the_exchange_are_made_for_it() -> None:
    minter = Counting(alike=False)

    async def play(pool: Pool) -> None:
        pool.expect(RECORDED, TOKEN, 5)
        await settle()
        assert minter.begun == 0
        await pool.take(confirmed(number=7), TOKEN)

    run(minter, play)
    assert minter.told == [7]


def test_a_failure_nobody_waited_for_is_tried_once_more() -> None:
    async def play(pool: Pool) -> None:
        pool.expect(RECORDED, TOKEN, 2)
        await settle()
        assert await pool.take(RECORDED, TOKEN) == "any 3"

    run(Counting(failing=2), play)


def test_a_failure_is_the_takers() -> None:
    async def play(pool: Pool) -> None:
        with pytest.raises(MintError, match="number 1"):
            await pool.take(RECORDED, TOKEN)
        pool.expect(RECORDED, TOKEN, 1)
        with pytest.raises(MintError, match="number 2"):
            await pool.take(RECORDED, TOKEN)

    run(Counting(failing=9, seconds=0.01), play)


def test_a_provider_that_never_answers_is_given_up() -> None:
    async def whole() -> None:
        pool = Pool(Counting(seconds=60), patience=0.02)
        with pytest.raises(MintError, match=r"minter counting made nothing for body\.\$\.conf.* within 0\.02 s; see"):
            await pool.take(RECORDED, TOKEN)
        await pool.aclose()

    asyncio.run(whole())


def test_a_run_that_ends_early_leaves_nothing_under_way() -> None:
    async def play(pool: Pool) -> None:
        pool.expect(RECORDED, TOKEN, 100)
        waiting = asyncio.create_task(pool.take(RECORDED, TOKEN))
        await settle()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)

    run(Counting(seconds=60), play, ahead=10, at_once=2)


@pytest.mark.parametrize("wrong", [{"ahead": -1}, {"at_once": 0}, {"patience": 0}])
def test_bounds_that_are_none_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="must not be below"):
        Pool(Counting(), **wrong)
