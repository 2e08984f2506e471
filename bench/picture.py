"""`picture.py bench.json bench.svg`: peers' times over the emitted C++'s, bars on a logarithmic scale."""
from __future__ import annotations

import json
import sys
from typing import Any

import matplotlib
from matplotlib import pyplot

LABELS = {"eager": "eager", "torchscript": "TorchScript", "aotinductor": "AOTInductor",
          "onnxruntime": "ONNX Runtime", "openvino": "OpenVINO"}


def draw(data: dict[str, Any], path: str) -> None:
    """Writes the picture: a group of bars a model; 1 is the C++, longer is slower; no bar: left out."""
    matplotlib.rcParams["svg.hashsalt"] = "bench"           # the same figures give the same bytes
    ratios = {name: {peer: us / one["ours"] for peer, us in one["peers"].items() if isinstance(us, float)}
              for name, one in data["models"].items() if isinstance(one["ours"], float)}
    peers = [peer for peer in LABELS if any(peer in one for one in ratios.values())]
    figure, axes = pyplot.subplots(figsize=(9, 1.2 + 0.42 * len(ratios)), layout="constrained")
    thick = 0.8 / max(len(peers), 1)
    for k, peer in enumerate(peers):
        rows, lengths = zip(*[(row, one[peer]) for row, one in enumerate(ratios.values()) if peer in one])
        offset = (k - (len(peers) - 1) / 2) * thick
        axes.barh([row + offset for row in rows], [length - 1 for length in lengths], thick, left=1,
                  label=LABELS[peer])
    axes.axvline(1, color="black", linewidth=0.8)
    axes.set(xscale="log", xlabel="time a call over the emitted C++'s")
    axes.set_yticks(range(len(ratios)), list(ratios))
    axes.invert_yaxis()
    axes.set_title(f"{data['machine']['processor']}, {data['threads']} thread(s)", fontsize=9)
    axes.legend(fontsize=8)
    figure.savefig(path, metadata={"Date": None})


if __name__ == "__main__":
    with open(sys.argv[1]) as file:
        draw(json.load(file), sys.argv[2])
