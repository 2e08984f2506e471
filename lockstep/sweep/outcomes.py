"""What a question came to, and how the outcomes of an operator's samples add up."""
from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Iterable

RIGHT, REFUSED, WRONG, CRASHED, TIMED_OUT = STATES = "right", "refused", "wrong", "crashed", "timed out"
UNANSWERED = "unanswered"                                    # PyTorch itself raises: there is nothing to compare with
WITH_REASON, OTHERWISE, ACCEPTED = "refused with the reason", "refused otherwise", "accepted"
ERROR_STATES = (WITH_REASON, OTHERWISE, ACCEPTED, CRASHED, TIMED_OUT)


@dataclass(frozen=True)
class Outcome:
    """One question's outcome: its state, where it was decided, why it is not right, whether C++ was compiled and run."""

    state: str
    stage: str = ""
    reason: str = ""
    through_cpp: bool = False
    seconds: float = 0.0


@dataclass(frozen=True)
class Summary:
    """An operator in one dtype: how many samples PyTorch answers, in which states, and the reasons of those not right."""

    samples: int
    states: Counter
    through_cpp: int
    reasons: tuple[tuple[str, str, str], ...]        # (state, reason, the first sample of that state and reason)

    @property
    def state(self) -> str:
        """The worst that happened; `partly` where some samples are right and the others refused."""
        for state in (WRONG, CRASHED, TIMED_OUT):
            if self.states[state]:
                return state
        if not self.samples:
            return UNANSWERED
        if not self.states[REFUSED]:
            return RIGHT
        return "partly" if self.states[RIGHT] else REFUSED


def summarise(outcomes: Iterable[tuple[str, Outcome]]) -> Summary:
    """The summary of (sample, outcome) pairs."""
    outcomes = list(outcomes)
    states = Counter(one.state for _, one in outcomes)
    reasons: dict[tuple[str, str], str] = {}
    for place, one in outcomes:
        if one.state not in (RIGHT, UNANSWERED, WITH_REASON):
            reasons.setdefault((one.state, general(one.reason)), place)
    unanswered = states.pop(UNANSWERED, 0)
    return Summary(len(outcomes) - unanswered, states, sum(one.through_cpp and one.state == RIGHT for _, one in outcomes),
                   tuple((state, reason, place) for (state, reason), place in reasons.items()))


def general(reason: str) -> str:
    """A reason without what only one sample has (source lines, shapes, values), and without advice."""
    reason = re.sub(r" in \([^()]*:\d+\)", "", reason)
    advice = r"[.;] [Dd]efine it with --ops( \([^()]*\))?, or rewrite the model without it\.?"
    reason = re.sub(advice, "", re.sub(advice + " ", "; ", reason))
    reason = re.sub(r"\[[^\[\]]*\]", "[...]", reason)
    reason = re.sub(r"(?<![\w.])-?\d+(\.\d+)?(e[-+]?\d+)?(?![\w.]*\w)", "N", reason)
    return reason[:300]
