"""From exchanges to columns: what is kept, what a failure is, and how a poll becomes one row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from traces.compare.table import FAILED, OK, TIMEOUT, Table, tabulate, waited
from traces.model import Exchange, Origin

One = Callable[..., Exchange]


def test_the_compared_interval_is_first_byte_minus_sent_in_ms(one: One) -> None:
    assert tabulate([one(1, 12.5)]).ms.tolist() == [12.5]


def test_exchanges_are_read_once_and_may_come_from_a_generator(one: One) -> None:
    assert len(tabulate(one(id, 1.0) for id in range(5))) == 5  # noqa: A001 - the model's own word


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        ({}, OK),
        ({"outcome": "same"}, OK),
        ({"outcome": "differs: status 500, recorded 200"}, FAILED),
        ({"error": "reset"}, FAILED),
        ({"error": "timeout"}, TIMEOUT),
        ({"response": None}, FAILED),
    ],
)
def test_what_counts_as_a_failure(one: One, change: dict[str, object], outcome: int) -> None:
    assert tabulate([replace(one(1, 5.0), **change)]).outcome.tolist() == [outcome]  # type: ignore[arg-type]  # the table above says which field


def test_a_failure_stays_with_an_infinite_latency(one: One) -> None:
    assert np.isinf(tabulate([one(1, None)]).ms).all()


def test_a_flag_does_not_hide_a_failure(one: One) -> None:
    assert tabulate([one(1, None, flags=("connect_in_wait",))]).reason.tolist() == [0]


def test_an_unclean_interval_keeps_its_reason(one: One) -> None:
    table = tabulate([one(1, 5.0, flags=("slow_hook",)), one(2, 5.0)])
    assert (table.reason != 0).tolist() == [True, False]


def test_a_run_pairs_by_the_recorded_id_and_a_recording_by_its_own(one: One) -> None:
    assert tabulate([one(7, 1.0)]).key.tolist() == [7]
    assert tabulate([one(7, 1.0, of=3)]).key.tolist() == [3]


def test_the_order_of_the_file_changes_no_column(one: One) -> None:
    rows = [one(id, float(id + 1), at=id) for id in range(9)]  # noqa: A001 - as above
    assert tabulate(rows).ms.tolist() == tabulate(reversed(rows)).ms.tolist()


def test_a_poll_is_one_wait_from_the_first_due_to_the_last_byte(one: One) -> None:
    attempts = [
        one(
            attempt,
            2.0,
            at=attempt * 10**9,
            endpoint="GET /job",
            origin=Origin(of=40, poll=attempt, due=attempt * 10**9),
        )
        for attempt in range(4)
    ]
    table = tabulate(attempts)
    waits = [code for code, (kind, _) in enumerate(table.names) if kind == "until"]
    assert table.names[waits[0]] == ("until", "until: GET /job")
    assert table.ms[table.endpoint == waits[0]].round(3).tolist() == [3002.001]
    assert table.later_polls == 3


def test_only_the_first_attempt_of_a_poll_is_a_request_with_a_twin(one: One) -> None:
    attempts = [one(id, 2.0, at=id) for id in (4, 5, 6)]  # noqa: A001 - as above
    table = tabulate(attempts, polls={5: 4, 6: 4})
    requests = [table.names[code][0] for code in table.endpoint]
    assert sorted(requests) == ["endpoint", "until"]


def test_a_wait_that_neither_side_had_to_repeat_has_no_row_of_its_own(one: One) -> None:
    def asked(times: int) -> Table:
        return tabulate(
            one(n, 2.0, at=n * 10**9, endpoint="GET /job", origin=Origin(of=40, poll=n, due=n * 10**9))
            for n in range(times)
        )

    kinds = [
        [table.names[code][0] for code in table.endpoint]
        for pair in ((1, 1), (1, 3))
        for table in waited(*map(asked, pair))
    ]
    assert [sorted(found) for found in kinds] == [
        ["endpoint"],
        ["endpoint"],
        ["endpoint", "until"],
        ["endpoint", "until"],
    ]


def test_a_poll_whose_last_attempt_fails_never_held(one: One) -> None:
    table = tabulate([one(4, 2.0, at=0), one(5, None, at=10)], polls={5: 4})
    assert np.isinf(table.ms).sum() == 1
