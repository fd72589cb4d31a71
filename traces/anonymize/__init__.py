"""What in a message is a person's, and keyed stand-ins for it."""

from traces.anonymize.alike import alike
from traces.anonymize.detect import Personal, personal
from traces.anonymize.published import PUBLISHED
from traces.anonymize.standin import card_like, stand_in, subkey

__all__ = ["PUBLISHED", "Personal", "alike", "card_like", "personal", "stand_in", "subkey"]
