"""The command line: `lockstep COMMAND`. Exit codes: 0 right, 1 differs, 2 bad input, 3 refused, 4 build or internal error."""
from __future__ import annotations

import logging
import os
import sys
import traceback
import warnings
from pathlib import Path

import click

from .errors import LockstepError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Turns PyTorch models into C++17 and proves that both compute the same."""


def _places(build: str):
    from .cases.places import Places
    root = Path.cwd()
    return Places(root / "generators", root / "golden", (root / build).resolve())


@cli.command()
@click.argument("suites", nargs=-1)
@click.option("--build", default="build", help="The build folder.")
@click.option("--fresh", is_flag=True, help="Ask PyTorch again and report answers that drifted from the goldens.")
@click.option("--with-onnx", default=0, metavar="N", help="Also export model.onnx for the first N goldens of each suite.")
@click.option("--jobs", default=2, help="Processes to work in.")
def generate(suites: tuple[str, ...], build: str, fresh: bool, with_onnx: int, jobs: int) -> None:
    """Saves the models of SUITES (default: all) and the goldens that are missing."""
    from .cases.work import generate_all
    sys.exit(generate_all(_places(build), suites, fresh, with_onnx, jobs))


@cli.command()
@click.argument("suites", nargs=-1)
@click.option("--build", default="build", help="The build folder.")
@click.option("--jobs", default=2, help="Processes to work in.")
def emit(suites: tuple[str, ...], build: str, jobs: int) -> None:
    """Converts the saved cases of SUITES (default: all) to C++ for CMake."""
    from .cases.work import emit_all
    sys.exit(emit_all(_places(build), suites, jobs))


def _model_options(command):
    """The options that convert, verify, show and ops share."""
    for option in reversed((
            click.argument("model"),
            click.option("--input", "inputs", multiple=True, metavar="[NAME:]1,3,10,10[:DTYPE]",
                         help="An example input's shape and dtype; -1 where an extent may vary. Repeat for each input."),
            click.option("--inputs", "npz", type=click.Path(), metavar="FILE.npz", help="Example inputs by name."),
            click.option("--dynamic", multiple=True, metavar="x:0=batch", help="Dims that may vary, and what they are called."),
            click.option("--name", help="The package's name; default: the class or file stem."),
            click.option("--ops", "user_ops", multiple=True, type=click.Path(), help="A Python file of your own definitions."),
            click.option("--json", "as_json", is_flag=True, help="Print JSON."))):
        command = option(command)
    return command


def _choice_options(command):
    """The options of convert, verify and show that decide how a model is computed."""
    for option in reversed((
            click.option("--fast-conv", is_flag=True, help="3 x 3 convolutions by Winograd: faster, with larger errors."),
            click.option("--choices", "choices_file", type=click.Path(), metavar="package.json",
                         help="Block sizes that another package records, as --tune found them."))):
        command = option(command)
    return command


def _choices(fast_conv: bool, file: str | None):
    import json
    from dataclasses import replace

    from .errors import BadInput
    from .plan.choices import Choices
    if file is None:
        return Choices(fast_conv=fast_conv)
    try:
        manifest = json.loads(Path(file).read_text())
    except (OSError, ValueError) as failure:
        raise BadInput(f"--choices {file}: {failure}; name the package.json of a package that Lockstep wrote") from failure
    choices = Choices.read(manifest.get("choices") if isinstance(manifest, dict) else None, f"--choices {file}")
    return replace(choices, fast_conv=fast_conv or choices.fast_conv)


def _opened(model, inputs, npz, dynamic, name, user_ops):
    from .judge import commands
    from .ops import load_file
    for path in user_ops:
        load_file(path)
    return commands.read(model, inputs, npz, dynamic, name)


@cli.command()
@_model_options
@click.option("-o", "--out", required=True, type=click.Path(), help="The folder of the package.")
@click.option("--embed", is_flag=True, help="Put the weights into the source: no weights file.")
@click.option("--no-selftest", is_flag=True, help="Leave out the self-test and its answers.")
@click.option("--tune", is_flag=True, help="Measure on this machine which block sizes are fastest; the package records them.")
@_choice_options
def convert(model, inputs, npz, dynamic, name, user_ops, as_json, out, embed, no_selftest, tune, fast_conv, choices_file) -> None:
    """Writes a C++17 package of MODEL: a .pt, .pt2 or .onnx file, or file.py:factory for an nn.Module."""
    import json
    from dataclasses import asdict

    from .api import convert_opened, tune_opened
    choices, trials = _choices(fast_conv, choices_file), []
    opened = _opened(model, inputs, npz, dynamic, name, user_ops)
    if tune:
        choices, trials = tune_opened(opened, choices)
    folder = convert_opened(opened, Path(out), embed, not no_selftest, choices)
    files = sorted(p.name for p in folder.iterdir() if p.is_file())
    if as_json:
        click.echo(json.dumps({"package": opened.name, "folder": str(folder), "files": files, "choices": asdict(choices),
                               "trials": [asdict(trial) for trial in trials]}))
        return
    for trial in trials:
        click.echo(f"tune: {trial.name} {trial.value}: {'the same C++' if trial.gain is None else f'{trial.gain:.3f} times as fast'}")
    click.echo("\n".join([f"{opened.name}: {folder}", *(f"  {name}" for name in files)]))


@cli.command()
@_model_options
@_choice_options
def verify(model, inputs, npz, dynamic, name, user_ops, as_json, fast_conv, choices_file) -> None:
    """Converts, builds and runs MODEL, and judges it against PyTorch (ONNX Runtime for .onnx)."""
    from .api import verify_opened
    from .judge import commands
    choices = _choices(fast_conv, choices_file)
    report = verify_opened(_opened(model, inputs, npz, dynamic, name, user_ops), choices)
    commands.print_report(report, as_json)
    sys.exit(0 if report.right else 1)


@cli.command()
@_model_options
@click.option("--stage", type=click.Choice(["graph", "passes", "plan", "cpp"]), default="graph")
@_choice_options
def show(model, inputs, npz, dynamic, name, user_ops, as_json, stage, fast_conv, choices_file) -> None:
    """Prints a stage of MODEL's conversion."""
    import json

    from .judge import commands
    choices = _choices(fast_conv, choices_file)
    text = commands.stage(_opened(model, inputs, npz, dynamic, name, user_ops), stage, choices)
    click.echo(json.dumps({"stage": stage, "text": text}) if as_json else text)


@cli.command()
@click.argument("model", required=False)
@click.option("--input", "inputs", multiple=True, metavar="[NAME:]1,3,10,10[:DTYPE]", help="An example input's shape and dtype.")
@click.option("--inputs", "npz", type=click.Path(), metavar="FILE.npz", help="Example inputs by name.")
@click.option("--dynamic", multiple=True, metavar="x:0=batch", help="Dims that may vary, and what they are called.")
@click.option("--ops", "user_ops", multiple=True, type=click.Path(), help="A Python file of your own definitions.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def ops(model, inputs, npz, dynamic, user_ops, as_json) -> None:
    """Lists the operators that are defined; with MODEL, what of it is not, before converting."""
    import json

    from .judge import commands
    from .ops import load_file
    for path in user_ops:
        load_file(path)
    if model is not None:
        sys.exit(commands.print_missing(model, inputs, npz, dynamic, as_json))
    names = commands.supported()
    click.echo(json.dumps(names) if as_json else "\n".join(names))


def main() -> None:
    """Runs the command line: every failure is one message on standard error and an exit code, never a traceback."""
    debug = os.environ.get("LOCKSTEP_DEBUG") == "1"
    if not debug:
        logging.disable(logging.CRITICAL)        # PyTorch logs tracebacks for what becomes a message here
        warnings.simplefilter("ignore")
        warnings.filterwarnings("default", module=r"lockstep\.")
        warnings.showwarning = _show_warning
    try:
        cli.main(standalone_mode=False)
    except click.ClickException as mistake:
        mistake.show()
        sys.exit(2)
    except click.Abort:
        sys.exit(4)
    except LockstepError as failure:
        if debug:
            traceback.print_exc()
        click.echo(f"lockstep: {failure}", err=True)
        sys.exit(failure.exit_code)
    except Exception as failure:  # an error of Lockstep itself: the traceback only where it is asked for
        if debug:
            traceback.print_exc()
        reason = " ".join(str(failure).split()) or "no message"
        click.echo(f"lockstep: internal error: {type(failure).__name__}: {reason}\n"
                   "This should not happen. Please report it with the model and the command; "
                   "LOCKSTEP_DEBUG=1 shows where.", err=True)
        sys.exit(4)


def _show_warning(message, category, filename, lineno, file=None, line=None) -> None:
    click.echo(f"lockstep: warning: {message}", err=True)
