"""The autograder archive of an exam: scripts, wheel, problems and configuration, in one zip."""

from __future__ import annotations

import os
import re
from pathlib import Path

from engine.exam import Blueprint
from tutor.bank.bank import Bank, shown_path
from tutor.bank.installed import installed_functions
from tutor.bank.names import ENDING, EXAMS
from tutor.gradescope.autograder import BANK
from tutor.gradescope.config import FILE, Config, written
from tutor.gradescope.wheel import packed, wheel
from tutor.paths import bundled_bank
from tutor.refusal import Refusal

PROGRAMS = ("setup.sh", "run_autograder")
_SCRIPTS = Path(__file__).with_name("scripts")


def archive(bank: Bank, blueprint: Blueprint, config: Config) -> bytes:
    """The archive's bytes: the same for the same files and configuration. Raises Refusal."""
    name, data = wheel()
    scripts = {program: (_SCRIPTS / program).read_bytes() for program in PROGRAMS}
    about = {FILE: written(config).encode(), name: data}
    return packed({**scripts, **about, **_problems(bank, blueprint)}, PROGRAMS)


def _problems(bank: Bank, blueprint: Blueprint) -> dict[str, bytes]:
    """The files of all that the exam may draw, and its blueprint; not those of the wheel."""
    bundled = str(bundled_bank())
    named = {name for section in blueprint.sections for name in section.names}
    named |= {id for group in blueprint.alike for id in group}
    files = {f"{BANK}/{id}{ENDING}": bank.path(id) for id in bank.resolve(sorted(named))}
    exam = f"{EXAMS}/{blueprint.id}{ENDING}"
    files[f"{BANK}/{exam}"] = os.path.join(bank.exams()[blueprint.id], exam)
    own = {
        name: Path(path).read_bytes()
        for name, path in sorted(files.items())
        if not Path(path).is_relative_to(bundled)
    }
    for name, content in own.items():
        _refuse_functions(shown_path(files[name]), content)
    return own


def _refuse_functions(file: str, content: bytes) -> None:
    """Raise Refusal for a problem that calls a function of another installed package."""
    for function, target in installed_functions().items():
        if re.search(rf"\b{re.escape(function)}\s*\(".encode(), content):
            raise Refusal(f"{file} calls {target}, which an archive can't hold")
