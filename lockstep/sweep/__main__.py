"""`python -m lockstep.sweep COMMAND`, which ci/sweep calls."""
from __future__ import annotations

import logging
import warnings

import click

from . import commands
from .functions import functions
from .models import models


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Asks PyTorch's databases, and counts what is right."""
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)


for command in (commands.opinfo, commands.report, models, functions):
    cli.add_command(command)


if __name__ == "__main__":
    cli(prog_name="ci/sweep")
