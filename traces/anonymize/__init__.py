"""What in a message is a person's, and keyed stand-ins for it."""

from traces.anonymize.alike import alike
from traces.anonymize.detect import Personal, personal
from traces.anonymize.standin import stand_in, subkey

__all__ = ["Personal", "alike", "personal", "stand_in", "subkey"]
