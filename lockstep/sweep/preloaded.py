"""What every process of a sweep needs, imported once: processes are forked from one that holds it."""
from ..ops import aten_definitions
from . import judging, samples

aten_definitions()
samples.opinfos()
judging.torch.set_num_threads(1)
