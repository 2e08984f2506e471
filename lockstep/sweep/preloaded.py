"""What every process of a sweep needs, imported once: processes are forked from one that holds it."""
import logging

from ..ops import aten_definitions
from . import judging, samples

logging.disable(logging.WARNING)            # what capture has to say, it says in its refusals
aten_definitions()
samples.opinfos()
judging.torch.set_num_threads(1)
