"""Captures: an nn.Module or .pt2 (exported.py), a TorchScript .pt (torchscript.py), an .onnx (onnx_file.py)."""
