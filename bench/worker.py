"""A peer as a process of its own: `python -m bench.worker PEER JOB`, asked for batches of calls, a line each.

Says `ready VERSION`, or `left out REASON`. Then each line asked, a number of calls, is answered by the seconds
that they took: the wall's and the processor's. What it computed lies beside the job's files.
"""
from __future__ import annotations

import importlib
import importlib.metadata
import os
import sys
import time
from typing import Any, Callable, Iterator, TextIO

import numpy as np

from .job import Job, LeftOut


def flattened(results: Any) -> Iterator[np.ndarray]:
    """The arrays of what a call gave: one, or nested sequences of them, or OpenVINO's dictionary."""
    if isinstance(results, (tuple, list)):
        for result in results:
            yield from flattened(result)
    elif hasattr(results, "to_tuple"):
        yield from results.to_tuple()
    else:
        yield np.asarray(results)


def serve(call: Callable[[], Any], asked: TextIO, answers: TextIO) -> None:
    """Runs as many calls as each line says, until there are no more lines."""
    for line in asked:
        calls = range(int(line))
        wall, processor = time.perf_counter(), time.process_time()
        for _ in calls:
            call()
        print(time.perf_counter() - wall, time.process_time() - processor, file=answers, flush=True)


def main() -> None:
    """Serves one peer. Libraries write to the standard output as they please: answers have their own stream."""
    peer_name, job = sys.argv[1], Job.read(sys.argv[2])
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    try:
        peer = importlib.import_module(f"bench.peers.{peer_name}")
        with peer.opened(job) as call:
            for k, array in enumerate(flattened(call())):
                np.save(job.own / f"{peer_name}_{k}.npy", array)
            print("ready", importlib.metadata.version(peer.DISTRIBUTION), file=answers, flush=True)
            serve(call, sys.stdin, answers)
    except LeftOut as refusal:
        print("left out", refusal, file=answers, flush=True)
    except Exception as failure:  # whatever a peer raises on a model is why it is left out
        print("left out", LeftOut.words(failure), file=answers, flush=True)


if __name__ == "__main__":
    main()
