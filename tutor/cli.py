"""The command line: arguments in, one call to ``tutor.commands``, an exit code out.

Exit codes: 0 correct or done; 1 partial or incorrect; 3 invalid; 2 the command could not run,
with one line on stderr; 130 after Ctrl-C.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated, NoReturn

import typer

app = typer.Typer(
    name="tutor",
    help="Practise for deep-learning exams: fresh numbers, exact grading, feedback on the slip.",
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    no_args_is_help=True,
)

Banks = Annotated[
    list[str] | None,
    typer.Option("--bank", metavar="DIR", help="Add a folder of problems (repeatable)."),
]
Plain = Annotated[
    bool,
    typer.Option("--plain", envvar="TUTOR_PLAIN", help="Linear text: no boxes, no colour."),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Seed = Annotated[int | None, typer.Option("--seed", metavar="S", help="Ask the same again.")]


def _version(wanted: bool) -> None:
    if wanted:
        from tutor import __version__

        print(f"exam-tutor {__version__}")
        raise typer.Exit


@app.callback()
def common(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Practise for deep-learning exams: fresh numbers, exact grading, feedback on the slip."""


@app.command()
def quiz(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[TOPIC or PROBLEM]...", show_default=False)
    ] = None,
    count: Annotated[
        int | None, typer.Option("-n", min=1, max=1000, help="How many questions.")
    ] = None,
    seed: Seed = None,
    bank: Banks = None,
    plain: Plain = False,
) -> None:
    """Ask questions one after the other, with feedback: `tutor quiz cnn`."""
    from tutor.commands.quiz import run

    raise typer.Exit(run(names or [], count, seed, bank or [], plain))


@app.command()
def check(
    problem: Annotated[
        str | None,
        typer.Argument(metavar="[PROBLEM or FILE]", help="A problem, a .jsonl or .csv file, or -."),
    ] = None,
    answer: Annotated[
        str | None, typer.Argument(metavar="[ANSWER]", help="For a problem with one part.")
    ] = None,
    answers: Annotated[
        list[str] | None,
        typer.Option("-a", metavar="PART=ANSWER", help="One part's answer; PART=@FILE reads one."),
    ] = None,
    reference: Annotated[
        str | None, typer.Option(metavar="EXPR", help="Compare with an expression instead.")
    ] = None,
    symbols: Annotated[
        str, typer.Option(metavar="SPEC", help="Its symbols: 'x, y>0, n:integer'.")
    ] = "",
    out: Annotated[
        str | None, typer.Option("-o", metavar="OUT", help="Where a file's verdicts go.")
    ] = None,
    json: Json = False,
    bank: Banks = None,
    plain: Plain = False,
) -> None:
    """Grade one response, or a file of responses row by row."""
    from tutor.commands.check import Request, run

    request = Request(problem, answer, tuple(answers or ()), reference, symbols, out, json)
    raise typer.Exit(run(request, bank or [], plain))


@app.command()
def show(
    problems: Annotated[list[str], typer.Argument(metavar="PROBLEM...")],
    solution: Annotated[
        bool, typer.Option("--solution", help="With answers and solution.")
    ] = False,
    json: Json = False,
    bank: Banks = None,
    plain: Plain = False,
) -> None:
    """Show a variant of a problem: `tutor show cnn/conv-output@7`."""
    from tutor.commands.show import run

    raise typer.Exit(run(problems, solution, json, bank or [], plain))


@app.command("list")
def list_problems(
    topics: Annotated[list[str] | None, typer.Argument(metavar="[TOPIC]...")] = None,
    json: Json = False,
    bank: Banks = None,
    plain: Plain = False,
) -> None:
    """List the problems of the bank."""
    from tutor.commands.list import run

    raise typer.Exit(run(topics or [], json, bank or [], plain))


def main() -> NoReturn:
    """Run the program; whatever goes wrong ends in one line and an exit code."""
    from tutor.console import prepare_streams

    prepare_streams()
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command line and return its exit code."""
    from tutor.problems import Refusal

    command = typer.main.get_command(app)
    try:
        code = command.main(args=arguments, prog_name="tutor", standalone_mode=False)
    except Refusal as refusal:
        return _fail(str(refusal))
    except (KeyboardInterrupt, typer.Abort):
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except typer.TyperException as error:
        return _fail(error.format_message())
    except OSError as error:
        return _fail(f"{error.strerror or error}: {error.filename or ''}".rstrip(": "))
    return code if isinstance(code, int) else 0


def _fail(message: str) -> int:
    from tutor.console import clean

    print(f"tutor: {clean(message)}", file=sys.stderr)
    return 2
