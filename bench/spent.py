"""The processor's time of what is built: what else the machine does is not in it."""
from __future__ import annotations

import os


def processor_seconds() -> float:
    """What this process, and those that it started and waited for, have used so far."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system
