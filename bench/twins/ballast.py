"""What real answers hold besides what anybody needs: as many values as a mid-sized API's, free to equal anything."""

from __future__ import annotations

from typing import Any

from bench.twins.issuer import Issuer


def ballast(issue: Issuer) -> dict[str, Any]:
    """About thirty values, most of them small numbers, words, nulls and instants; never the same twice."""
    return {
        "request": issue.uuid(),
        "took_ms": issue.few(3, 40),
        "region": issue.word("eu-west-1", "eu-north-1", "us-east-1"),
        "currency": "EUR",
        "tax": {"included": True, "rate": issue.few(5, 25), "country": issue.word("US", "DE", "FR", "NL", "SE")},
        "counts": {
            "items": issue.few(0, 9),
            "pages": issue.few(1, 9),
            "open": issue.few(0, 5),
            "total": issue.few(1, 99),
        },
        "limits": {"max": issue.few(10, 50), "min": 1, "rate": f"{issue.few(1, 9)}.50"},
        "flags": {"beta": issue.few(0, 1) == 1, "tracked": True, "archived": False, "gift": issue.few(0, 1) == 1},
        "audit": [
            {
                "at": issue.instant(-issue.few(1, 90)),
                "by": issue.uuid(),
                "action": issue.word("created", "updated", "open", "paid", "pending"),
            }
            for _ in range(2)
        ],
        "labels": [issue.word("gift", "blue", "office", "monday"), issue.word("standard", "express", "pickup")],
        "checked_at": issue.instant(-1),
        "locale": issue.word("en", "de", "sv"),
        "parent_id": None,
        "discount": None,
    }
