"""What a run counts stays small whatever its answers say."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from replay.engine import Tally
from replay.engine.fidelity import MOST_NAMED, OTHER_REASONS


def counted(names: list[str]) -> dict[str, int]:
    tally = Tally()
    for name in names:
        tally.outcomes[name] += 1
    return dict(tally.outcomes)


@given(st.lists(st.sampled_from(["same", "differs: 404", "differs: 500", "differs: the word declined"])))
def test_few_outcomes_are_counted_each_under_its_name(names: list[str]) -> None:
    assert counted(names) == dict(Counter(names))


def test_reasons_that_are_all_different_share_one_name_beyond_the_first_of_them() -> None:
    made = counted([f"differs: order {n}" for n in range(5_000)])
    assert (len(made), made["differs: order 0"], made[OTHER_REASONS]) == (MOST_NAMED + 1, 1, 5_000 - MOST_NAMED)


def test_what_came_as_recorded_is_counted_by_itself_though_others_came_first() -> None:
    made = counted([*(f"differs: order {n}" for n in range(5_000)), "same", "same"])
    assert (made["same"], sum(made.values())) == (2, 5_002)


def test_a_known_reason_is_still_counted_when_no_new_one_is() -> None:
    made = counted([*(f"differs: order {n}" for n in range(5_000)), "differs: order 7"])
    assert made["differs: order 7"] == 2


def test_a_long_reason_keeps_its_beginning() -> None:
    ((name, count),) = counted([f"differs: {'x' * 100_000}", f"differs: {'x' * 200_000}"]).items()
    assert (name.startswith("differs: xxx"), len(name), count) == (True, 200, 2)
