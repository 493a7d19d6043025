"""The command line: arguments in, one call to ``tutor.commands``, an exit code out.

Exit codes: 0 correct or done; 1 partial or incorrect; 3 invalid; 2 the command could not run,
with one line on stderr; 130 after Ctrl-C.
"""

from __future__ import annotations

try:
    import os
    import sys
    from copy import copy
    from typing import Annotated, NoReturn

    import typer
except KeyboardInterrupt:  # Ctrl-C before there was anybody to hear it
    raise SystemExit(130) from None

COULD_NOT_RUN = 2
INTERRUPTED = 130
NOBODY_READS = 141

app = typer.Typer(
    name="tutor",
    help="Practise for deep-learning exams: fresh numbers, exact grading, feedback on the slip.",
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
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
Count = Annotated[int | None, typer.Option("-n", metavar="N", help="How many questions.")]
Seed = Annotated[int | None, typer.Option("--seed", metavar="S", help="Ask the same again.")]
Confidence = Annotated[
    bool,
    typer.Option("--confidence", help="Ask how sure you are of an answer, before its verdict."),
]
Names = Annotated[
    list[str] | None, typer.Argument(metavar="[TOPIC or PROBLEM]...", show_default=False)
]


def _version(wanted: bool) -> None:
    if wanted:
        from tutor import __version__

        print(f"exam-tutor {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def common(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version."),
    ] = False,
    bank: Banks = None,
    plain: Plain = False,
) -> None:
    """Practise for deep-learning exams: fresh numbers, exact grading, feedback on the slip."""
    from tutor.refusal import Refusal

    if context.invoked_subcommand is None:
        print(context.get_help())
        raise Refusal("name a command, for example: tutor quiz cnn")
    context.default_map = {context.invoked_subcommand: {"bank": bank, "plain": plain}}


@app.command()
def quiz(
    names: Names = None,
    count: Count = None,
    seed: Seed = None,
    again: Annotated[bool, typer.Option("--again", help="What went wrong last time.")] = False,
    confidence: Confidence = False,
    bank: Banks = None,
    plain: Plain = False,
) -> None:
    """Ask questions one after the other, with feedback: `tutor quiz cnn`."""
    from tutor.commands.quiz import run

    raise typer.Exit(run(names or [], count, seed, again, confidence, bank or [], plain))


@app.command()
def review(
    exam_date: Annotated[
        str | None,
        typer.Option("--exam-date", metavar="D", help="The day of the exam, as 2026-12-31."),
    ] = None,
    count: Count = None,
    confidence: Confidence = False,
    bank: Banks = None,
    plain: Plain = False,
) -> None:
    """Ask what is due, with fresh numbers; before an exam, what brings most points."""
    from tutor.commands.review import run

    raise typer.Exit(run(exam_date, count, confidence, bank or [], plain))


@app.command()
def exam(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", show_default=False)] = None,
    minutes: Annotated[
        int | None, typer.Option("--minutes", metavar="M", help="Another time than the exam's.")
    ] = None,
    seed: Seed = None,
    bank: Banks = None,
    plain: Plain = False,
) -> None:
    """Sit a mock exam by points and time, or go on with one; feedback comes at the end."""
    from tutor.commands.exam import Request, run

    raise typer.Exit(run(Request(name, minutes, seed), bank or [], plain))


@app.command()
def stats(
    json: Json = False,
    csv: Annotated[bool, typer.Option("--csv", help="Print it as CSV.")] = False,
    plain: Plain = False,
) -> None:
    """Tell how well it goes by now: mastery by topic, the last days, slips, calibration."""
    from tutor.commands.stats import run

    raise typer.Exit(run(json, csv, plain))


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
        str | None, typer.Option(metavar="SPEC", help="Its symbols: 'x, y>0, n:integer'.")
    ] = None,
    out: Annotated[
        str | None, typer.Option("-o", metavar="OUT", help="Where a file's verdicts go.")
    ] = None,
    jobs: Annotated[
        int | None, typer.Option("-j", metavar="N", help="Processes for a file; else all cores.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Grade only what is missing in OUT.")
    ] = False,
    timeout: Annotated[
        float | None, typer.Option("--timeout", metavar="S", help="Seconds for a row, at most.")
    ] = None,
    format: Annotated[
        str, typer.Option("--format", metavar="F", help="jsonl, csv or gradescope.")
    ] = "",
    scheduler: Annotated[
        str | None, typer.Option(metavar="URL", help="Grade a file on this Dask cluster.")
    ] = None,
    trust_code: Annotated[
        bool,
        typer.Option("--trust-code", help="Run a file's code even where nothing confines it."),
    ] = False,
    json: Json = False,
    bank: Banks = None,
    plain: Plain = False,
) -> None:
    """Grade one response, or a file of responses row by row."""
    from tutor.commands.check import ClassOptions, Request, run

    options = ClassOptions(out, jobs, resume, timeout, format, scheduler, trust_code)
    request = Request(problem, answer, tuple(answers or ()), reference, symbols, json, options)
    raise typer.Exit(run(request, bank or [], plain))


@app.command()
def report(
    verdicts: Annotated[
        str, typer.Argument(metavar="OUT.jsonl", help="What `tutor check FILE -o` wrote, or -.")
    ],
    html: Annotated[
        str | None, typer.Option("--html", metavar="FILE", help="Write a page with plots instead.")
    ] = None,
    json: Json = False,
    bank: Banks = None,
    plain: Plain = False,
) -> None:
    """Tell what a class got wrong: hard problems, common slips, options, harder variants."""
    from tutor.commands.report import Request, run

    raise typer.Exit(run(Request(verdicts, html, json), bank or [], plain))


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


@app.command()
def lint(
    paths: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PATH]...", help="Files, folders, ids or topics; all if none."),
    ] = None,
    seeds: Annotated[
        int, typer.Option("--seeds", metavar="N", help="How many variants to draw of each.")
    ] = 40,
    format: Annotated[
        str, typer.Option("--format", metavar="F", help="text, json, sarif or github.")
    ] = "text",
    json: Json = False,
    info: Annotated[
        bool, typer.Option("--info", help="Tell also which slips of yours would be caught.")
    ] = False,
    bank: Banks = None,
    plain: Plain = False,
) -> None:
    """Check problem files: what is wrong, where, and what to do about it."""
    from tutor.commands.lint import Request, run

    request = Request(tuple(paths or ()), seeds, "json" if json else format, info)
    raise typer.Exit(run(request, bank or []))


@app.command()
def new(
    id: Annotated[str, typer.Argument(metavar="ID", help="topic/slug, in small letters.")],
    source: Annotated[
        str, typer.Option("--from", metavar="ID", help="Copy this problem instead.")
    ] = "",
    bank: Banks = None,
    plain: Plain = False,
) -> None:
    """Write a commented problem file to start from; the first --bank is where it goes."""
    from tutor.commands.new import run

    raise typer.Exit(run(id, source, bank or []))


@app.command()
def preview(
    problem: Annotated[str, typer.Argument(metavar="PROBLEM", help="An id or a file.")],
    watch: Annotated[bool, typer.Option("--watch", help="Again whenever it is saved.")] = False,
    seed: Seed = None,
    solution: Annotated[
        bool, typer.Option("--solution/--no-solution", help="With answers and solution.")
    ] = True,
    bank: Banks = None,
    plain: Plain = False,
) -> None:
    """Show a problem as students see it, with what each misconception is told."""
    from tutor.commands.preview import Request, run

    raise typer.Exit(run(Request(problem, seed, watch, solution), bank or [], plain))


@app.command()
def schema(
    of_bank: Annotated[bool, typer.Option("--of-bank", help="That of bank.yaml.")] = False,
    plain: Plain = False,
) -> None:
    """Print the JSON Schema of a problem file, for editors that complete and explain keys."""
    from tutor.commands.schema import run

    raise typer.Exit(run(of_bank))


@app.command()
def functions(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]")] = None,
    json: Json = False,
    plain: Plain = False,
) -> None:
    """List the reference functions that a problem's expressions may call, or those about a word."""
    from tutor.commands.functions import run

    raise typer.Exit(run(name, json, plain))


@app.command()
def doctor(
    repair: Annotated[
        bool,
        typer.Option("--repair", help="Bring back what damaged stores that were kept hold."),
    ] = False,
    json: Json = False,
    bank: Banks = None,
    plain: Plain = False,
) -> None:
    """Tell versions, paths, the bank in use, and which layers guard the code sandbox."""
    from tutor.commands.doctor import run

    raise typer.Exit(run(json, repair, bank or [], plain))


@app.command()
def export(
    file: Annotated[
        str, typer.Argument(metavar="[FILE]", help="Where it goes; stdout if -.")
    ] = "-",
    format: Annotated[
        str, typer.Option("--format", metavar="F", help="jsonl, or csv: the answers as a table.")
    ] = "jsonl",
    plain: Plain = False,
) -> None:
    """Write all your data to a file that `tutor import` reads."""
    from tutor.commands.export import run

    raise typer.Exit(run(file, format))


@app.command("import")
def import_data(
    file: Annotated[str, typer.Argument(metavar="FILE", help="An export, a store's file, or -.")],
    json: Json = False,
    plain: Plain = False,
) -> None:
    """Add what an export holds to your data; what is there already stays single."""
    from tutor.commands.import_ import run

    raise typer.Exit(run(file, json))


@app.command("gradescope-zip")
def gradescope_zip(
    exam: Annotated[
        str, typer.Argument(metavar="[EXAM]", help="A blueprint, as for tutor exam.")
    ] = "midterm",
    out: Annotated[
        str | None, typer.Option("-o", metavar="FILE", help="The archive; EXAM.zip if not said.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="S", help="One paper for all, drawn with it.")
    ] = None,
    roster: Annotated[
        str | None, typer.Option("--roster", metavar="CSV", help="The students: a column Email.")
    ] = None,
    papers: Annotated[
        str | None, typer.Option("--papers", metavar="DIR", help="Where the papers are written.")
    ] = None,
    secret: Annotated[
        str | None, typer.Option("--secret", metavar="HEX", help="That of an earlier archive.")
    ] = None,
    feedback: Annotated[
        str, typer.Option("--feedback", metavar="F", help="verdict, or full: with the reasons.")
    ] = "verdict",
    show: Annotated[
        str,
        typer.Option("--show", metavar="W", help="at-once, after-due-date or after-published."),
    ] = "after-due-date",
    trust_code: Annotated[
        bool, typer.Option("--trust-code", help="Run code even where nothing confines it.")
    ] = False,
    bank: Banks = None,
    plain: Plain = False,
) -> None:
    """Build an autograder for Gradescope from an exam, and the students' papers."""
    from tutor.commands.gradescope_zip import Request, run

    request = Request(exam, out, seed, secret, roster, papers, feedback, show, trust_code)
    raise typer.Exit(run(request, bank or [], plain))


@app.command()
def diff(
    problem: Annotated[str, typer.Argument(metavar="PROBLEM", help="An id.")],
    against: Annotated[str, typer.Option(metavar="REV", help="A revision of Git's, or a file.")],
    seeds: Annotated[
        int, typer.Option("--seeds", metavar="N", help="How many variants to compare.")
    ] = 20,
    json: Json = False,
    bank: Banks = None,
    plain: Plain = False,
) -> None:
    """Tell which variants and stored attempts a change to a problem touches."""
    from tutor.commands.diff import Request, run

    raise typer.Exit(run(Request(problem, against, seeds, json), bank or [], plain))


@app.command()
def regrade(
    names: Names = None,
    write: Annotated[
        bool, typer.Option("--write", help="Keep the new verdicts beside the old ones.")
    ] = False,
    json: Json = False,
    bank: Banks = None,
    plain: Plain = False,
) -> None:
    """Grade the stored attempts anew and tell which change, and by how much."""
    from tutor.commands.regrade import Request, run

    raise typer.Exit(run(Request(tuple(names or ()), write, json), bank or [], plain))


def main() -> NoReturn:
    """Run the program; whatever goes wrong ends in one line and an exit code."""
    try:
        from tutor.console import prepare_streams

        prepare_streams()
        code = run(sys.argv[1:])
        if sys.stdout is not None:
            sys.stdout.flush()
    except KeyboardInterrupt:
        code = INTERRUPTED
    except BrokenPipeError:
        _stop_writing()
        code = NOBODY_READS
    except OSError as error:
        _stop_writing()
        code = _fail(f"{error.filename or 'the output'}: {error.strerror or error}")
    except Exception as error:
        if os.environ.get("TUTOR_DEBUG"):
            raise
        what = f"{type(error).__name__}: {error}"
        code = _fail(f"this is a mistake in exam-tutor; TUTOR_DEBUG=1 tells more ({what})")
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run one command line and return its exit code."""
    from tutor.refusal import Refusal

    command = typer.main.get_command(_needed(arguments))
    try:
        # Not `command.main`, which ends the program itself when nobody reads the output.
        with command.make_context("tutor", list(arguments)) as context:
            command.invoke(context)
    except typer.Exit as done:
        return done.exit_code
    except Refusal as refusal:
        return _fail(str(refusal))
    except typer.TyperException as error:
        return _fail(_usage(error.format_message(), arguments))
    return 0


def _needed(arguments: list[str]) -> typer.Typer:
    """The program with the command that is named first, or with all: building one takes 1 ms."""
    known = {
        one.name or one.callback.__name__: one for one in app.registered_commands if one.callback
    }
    if not arguments or arguments[0] not in known:
        return app
    lean = copy(app)
    lean.registered_commands = [known[arguments[0]]]
    return lean


def _usage(message: str, arguments: list[str]) -> str:
    """What is wrong with the arguments; a minus sign may have been meant as one."""
    option = message.removeprefix("No such option: ")
    if option != message and option[:2] != "--" and arguments[:1] == ["check"]:
        return f"{message} (an answer that starts with a minus sign goes behind --: … -- -6)"
    return message


def _stop_writing() -> None:
    """Leave nothing for Python to write as it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _fail(message: str) -> int:
    from tutor.console import complain

    complain(message)
    return COULD_NOT_RUN
