"""Trains a small convolutional network on scikit-learn's scanned digits and saves what the C++ program is tested with.

    python examples/digits/train.py FOLDER

Into FOLDER go digits.pt (TorchScript), held_out.csv (64 pixels and the label a line, digits that training never saw) and
pytorch_classes.txt (PyTorch's class for each of them, a line each). Seconds on one core; the same result every time.
"""
from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import Tensor, nn

EPOCHS, BATCH = 15, 50


class Digits(nn.Module):
    """(batch, 1, 8, 8) pixels of 0..16 to (batch, 10) scores."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(),
            nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2))
        self.classifier = nn.Sequential(nn.Flatten(), nn.Dropout(0.2), nn.Linear(32 * 4 * 4, 10))

    def forward(self, images: Tensor) -> Tensor:
        return self.classifier(self.features(images / 16))


def train(model: nn.Module, images: Tensor, labels: Tensor) -> None:
    optimiser = torch.optim.Adam(model.parameters(), lr=2e-3)
    model.train()
    for _ in range(EPOCHS):
        for chosen in torch.randperm(len(images)).split(BATCH):
            optimiser.zero_grad()
            F.cross_entropy(model(images[chosen]), labels[chosen]).backward()
            optimiser.step()
    model.eval()


def main(folder: Path) -> None:
    torch.manual_seed(0)
    torch.set_num_threads(1)
    pixels, labels = load_digits(return_X_y=True)
    seen, held_out, seen_labels, held_out_labels = train_test_split(
        pixels.astype(np.float32), labels, test_size=1 / 3, random_state=0, stratify=labels)
    model = Digits()
    train(model, torch.from_numpy(seen).view(-1, 1, 8, 8), torch.from_numpy(seen_labels))
    with torch.no_grad():
        classes = model(torch.from_numpy(held_out).view(-1, 1, 8, 8)).argmax(1).numpy()
    folder.mkdir(parents=True, exist_ok=True)
    torch.jit.save(torch.jit.script(model), str(folder / "digits.pt"))
    np.savetxt(folder / "held_out.csv", np.column_stack([held_out, held_out_labels]), fmt="%d", delimiter=",")
    np.savetxt(folder / "pytorch_classes.txt", classes, fmt="%d")
    right = int((classes == held_out_labels).sum())
    print(f"PyTorch: {right} of {len(classes)} held-out digits right ({right / len(classes):.2%})")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: train.py FOLDER")
    main(Path(sys.argv[1]))
