"""A C++ extension operator, wrapped in an autograd.Function, wrapped in a module."""
from pathlib import Path

import torch
from torch.utils.cpp_extension import load

import lockstep

load("my_ext", [str(Path(__file__).with_name("my_add.cpp"))], is_python_module=False)


class MyAdd(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a, b):
        return torch.ops.my_ext.my_add(a, b)

    @staticmethod
    def backward(ctx, gradient):
        return 2 * gradient, gradient


class Wrapped(torch.nn.Module):
    def forward(self, a, b):
        return MyAdd.apply(a, b).relu()


@lockstep.define("my_ext::my_add")
def my_add(a, b):
    return 2 * a + b


report = lockstep.verify(Wrapped().eval(), (torch.randn(3, 4), torch.randn(3, 4)))
print("right" if report.right else "differs")
