// A C++ extension for PyTorch: the operator my_ext::my_add(a, b) = 2 a + b.
#include <ATen/ATen.h>
#include <torch/library.h>

static at::Tensor my_add(const at::Tensor& a, const at::Tensor& b) { return 2 * a + b; }
static at::Tensor shape_of_my_add(const at::Tensor& a, const at::Tensor&) { return at::empty_like(a); }

TORCH_LIBRARY(my_ext, m) { m.def("my_add(Tensor a, Tensor b) -> Tensor"); }
TORCH_LIBRARY_IMPL(my_ext, CPU, m) { m.impl("my_add", my_add); }
TORCH_LIBRARY_IMPL(my_ext, Meta, m) { m.impl("my_add", shape_of_my_add); }
