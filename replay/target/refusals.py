"""Every way the target says no, with the status, the name and the sentence the real API uses.

400 PaymentError             the provider declined the card, or its token was used up
401 Unauthorized             no bearer token, or not a valid one
403 NotOpenCheckout          confirmed already
404 ResourceNotFound         unknown client secret, order or page
410 ExpiredCheckoutError     past its time to live
422 RequestValidationError   a body with wrong fields, each named
429 TooManyRequests          over the rate limit; `retry-after` says for how long
503 PaymentProviderError     the provider does not answer
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from starlette.responses import Response


class RefusedError(Exception):
    """Ends a request with an answer other than success.

    detail: a sentence, or for 422 the list of field errors.
    """

    def __init__(self, status: int, error: str, detail: Any, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{status} {error}")
        self.status = status
        self.error = error
        self.detail = detail
        self.headers = headers

    def response(self) -> Response:
        return answer({"error": self.error, "detail": self.detail}, self.status, self.headers)


def answer(document: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(orjson.dumps(document), status, headers, "application/json")


def unauthorized() -> RefusedError:
    return RefusedError(401, "Unauthorized", "Not authenticated", {"www-authenticate": "Bearer"})


def not_found() -> RefusedError:
    return RefusedError(404, "ResourceNotFound", "Not found")


def not_open(checkout_id: str, status: str) -> RefusedError:
    return RefusedError(403, "NotOpenCheckout", f"Checkout {checkout_id} is not open: {status}")


def expired() -> RefusedError:
    return RefusedError(410, "ExpiredCheckoutError", "This checkout session has expired.")


def payment_failed(reason: str) -> RefusedError:
    return RefusedError(
        400, "PaymentError", f"The payment failed: {reason}. Please try again with a different payment method."
    )


def provider_down() -> RefusedError:
    return RefusedError(503, "PaymentProviderError", "The payment provider does not answer.")


def invalid(errors: Sequence[Mapping[str, Any]]) -> RefusedError:
    return RefusedError(422, "RequestValidationError", list(errors))


def too_many(wait: float) -> RefusedError:
    """wait: seconds until the next request is allowed; the header rounds it up to whole seconds."""
    return RefusedError(429, "TooManyRequests", "Too many requests.", {"retry-after": str(math.ceil(wait))})
