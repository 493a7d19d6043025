"""The store of attempts: one SQLite file, one commit an answer.

What ``Store.add`` has returned for is on the disk: a kill, a crash or a second terminal loses
nothing of it. Times are passed in by the caller.
"""

from tutor.store.faults import StoreUnavailable
from tutor.store.records import Attempt, Confidence, Regrade
from tutor.store.store import WAIT, Store

__all__ = ["WAIT", "Attempt", "Confidence", "Regrade", "Store", "StoreUnavailable"]
