"""The bank: folders of problem files, listed by their folders and read one at a time.

Listing looks at folders only, so a broken file never stops the others. The path of a problem
comes from the listing and never from the id that somebody typed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from engine.problem import Problem
from tutor.bank.findings import Finding, Findings, Reading
from tutor.bank.names import ENDING, EXAMS

if TYPE_CHECKING:
    from engine.exam import Blueprint
    from tutor.bank.about import About

MAX_READ = 256 * 1024 + 1  # one byte more than the reader accepts
LEAVES = "this link leaves the bank's folder and isn't followed"
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")


class NoSuchBank(Exception):
    """A folder of the bank is missing or can't be listed; the text is one line that says so."""


class UnknownName(Exception):
    """Neither a problem nor a topic; ``nearest`` holds what may have been meant, best first."""

    def __init__(self, name: str, nearest: list[str], topic: Sequence[str] = ()) -> None:
        hint = f"; did you mean {' or '.join(nearest)}?" if nearest else ""
        message = f"there is no problem or topic '{printable(name[:80])}'{hint}"
        if topic:
            message = f"'{name}' is a topic: name one of its problems, such as {topic[0]}"
        super().__init__(message)
        self.name = name
        self.nearest = nearest


class BrokenProblemFile(Exception):
    """A problem whose file has findings; the text is the first one and how many there are."""

    def __init__(self, findings: Findings) -> None:
        more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
        super().__init__(f"{findings[0]}{more}")
        self.findings = findings


def bank_folders(extra: Sequence[str] = ()) -> list[str]:
    """The bundled folder, those of ``--bank``, of ``TUTOR_BANK`` and of packages, in order."""
    from tutor.bank.installed import installed_banks
    from tutor.paths import bundled_bank

    return [str(bundled_bank()), *extra, *own_folders(), *installed_banks()]


def own_folders() -> list[str]:
    """The folders of ``TUTOR_BANK``."""
    return [folder for folder in os.environ.get("TUTOR_BANK", "").split(os.pathsep) if folder]


class Bank:
    """Problems by id. Where two folders hold the same id, the earlier folder counts.

    Raises ``NoSuchBank`` if a folder is missing or can't be listed.
    """

    def __init__(self, folders: Iterable[str | os.PathLike[str]]) -> None:
        self.folders = tuple(dict.fromkeys(os.path.abspath(folder) for folder in folders))
        self._files: dict[str, str] = {}
        self._homes: dict[str, str] = {}
        self._abouts: dict[str, About] = {}
        self._hidden: list[tuple[str, str]] = []
        self._readings: dict[str, Reading] = {}
        for folder in self.folders:
            for id, path in _listing(folder):
                if id in self._files:
                    self._hidden.append((id, path))
                else:
                    self._files[id] = path
                    self._homes[id] = folder
        self._ids = sorted(self._files)

    def ids(self) -> list[str]:
        """All ids, sorted."""
        return list(self._ids)

    def topics(self) -> list[str]:
        """All topics that hold a problem, sorted."""
        return sorted({id.partition("/")[0] for id in self._ids})

    def __contains__(self, id: object) -> bool:
        return id in self._files

    def path(self, id: str) -> str:
        """Where a problem lies. Raises ``UnknownName``."""
        if id not in self._files:
            raise UnknownName(id, self._nearest(id), self._of_topic(id))
        return self._files[id]

    def about(self, id: str) -> About:
        """What the bank of a problem says of itself; nothing where that has findings."""
        from tutor.bank.about import About, read_about

        folder = self._homes[id]
        if folder not in self._abouts:
            said = read_about(folder, "")
            self._abouts[folder] = said if isinstance(said, About) else About("")
        return self._abouts[folder]

    def count(self, folder: str) -> int:
        """How many problems a folder gives."""
        return sum(home == folder for home in self._homes.values())

    def hidden_by(self, id: str) -> list[str]:
        """The files of the same id in later folders."""
        return [path for hidden, path in self._hidden if hidden == id]

    def load(self, id: str) -> Problem:
        """Read a problem, once. Raises ``UnknownName`` or ``BrokenProblemFile``."""
        reading = self._readings.get(id)
        if reading is None:
            reading = self._readings[id] = read_file(self.path(id), id)
        if isinstance(reading, Findings):
            raise BrokenProblemFile(reading)
        return reading

    def resolve(self, names: Sequence[str]) -> list[str]:
        """Return the ids that topics and ids stand for, each once; all ids if nothing is named.

        Raises ``UnknownName`` for the first name that is neither.
        """
        if not names:
            return self.ids()
        found: dict[str, None] = {}
        for name in names:
            if name in self._files:
                found[name] = None
                continue
            topic = self._of_topic(name)
            if not topic:
                raise UnknownName(name, self._nearest(name))
            found.update(dict.fromkeys(topic))
        return list(found)

    def _of_topic(self, name: str) -> list[str]:
        return [id for id in self._ids if id.partition("/")[0] == name]

    def notices(self, ids: Sequence[str] | None = None) -> list[Finding]:
        """Warnings about files that an earlier folder hides, of some ids or of all.

        Reads no file.
        """
        notices = []
        for id, path in self._hidden:
            if ids is not None and id not in ids:
                continue
            message = f"'{id}' is hidden by {shown_path(self._files[id])}, which comes first"
            notices.append(Finding(shown_path(path), 1, 1, (), message, "warning"))
        return notices

    def all_findings(self) -> list[Finding]:
        """Everything wrong with every file, by file: reads all, and looks for unreachable ones."""
        found = self.strays()
        for id in self._ids:
            try:
                self.load(id)
            except BrokenProblemFile as broken:
                found += broken.findings
        return sorted(found, key=lambda finding: (finding.file, finding.line, finding.column))

    def strays(self) -> list[Finding]:
        """What is wrong beside the problems: files without an id, ``bank.yaml``, hidden ones."""
        found: list[Finding] = []
        for folder in self.folders:
            found += [*unreachable(folder), *about_findings(folder)]
            found += self.blueprint_findings(folder)
        return found + self.notices()

    def exams(self) -> dict[str, str]:
        """The folders of the blueprints by their names; the earlier folder counts."""
        from tutor.bank.blueprint import blueprints

        return {name: folder for folder in self.folders[::-1] for name in blueprints(folder)}

    def exam(self, name: str) -> Blueprint:
        """Read a blueprint. Raises ``UnknownName`` or ``BrokenProblemFile``."""
        folder = self.exams().get(name)
        if folder is None:
            raise UnknownName(name, sorted(self.exams()))
        reading = self._blueprint(folder, name)
        if isinstance(reading, Findings):
            raise BrokenProblemFile(reading)
        return reading

    def _blueprint(self, folder: str, name: str) -> Blueprint | Findings:
        from tutor.bank.blueprint import read_blueprint

        file = shown_path(os.path.join(folder, EXAMS, name + ENDING))
        return read_blueprint(folder, name, file, {*self.topics(), *self._ids})

    def blueprint_findings(self, folder: str) -> Iterator[Finding]:
        """What is wrong with the exams of one of the folders."""
        from tutor.bank.blueprint import blueprints

        for name in blueprints(folder):
            reading = self._blueprint(folder, name)
            if isinstance(reading, Findings):
                yield from reading

    def _nearest(self, name: str) -> list[str]:
        from difflib import get_close_matches

        name = name[:200].lower().strip("/")
        slugs = [id for id in self._ids if id.partition("/")[2] == name]
        known = [*self.topics(), *self._ids]
        near = get_close_matches(name, known, n=3, cutoff=0.6)
        return list(dict.fromkeys([*slugs, *near]))[:3]


def read_file(path: str, id: str) -> Reading:
    """Read one file as the problem ``id``; a file that can't be read has a finding."""
    from tutor.bank.reader import read_problem

    file = shown_path(path)
    try:
        with open(path, "rb") as stream:
            data = stream.read(MAX_READ)
    except OSError as error:
        reason = error.strerror or "unreadable"
        return Findings([Finding(file, 1, 1, (), f"the file can't be read: {reason}")])
    return read_problem(data, id, file)


def shown_path(path: str) -> str:
    """Write a path from the working folder if it lies below, in printable characters."""
    try:
        relative = os.path.relpath(path)
    except (OSError, ValueError):
        relative = ".."
    return printable(path if relative.split(os.sep)[0] == ".." else relative)


def printable(text: str) -> str:
    """Escape what a terminal can't or shouldn't show."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def is_slug(text: str) -> bool:
    """Whether a name may be a topic, or a file's name without its ending."""
    return bool(text) and _LETTERS.issuperset(text)


def _listing(folder: str) -> Iterator[tuple[str, str]]:
    """Ids and paths of one folder, without opening a file."""
    root = os.path.realpath(folder)
    for topic in _scan(folder, needed=True):
        if topic.name == EXAMS or not (
            is_slug(topic.name) and _is_inside(topic, root) and _leads_to(topic.is_dir)
        ):
            continue
        for file in _scan(topic.path):
            slug = file.name.removesuffix(ENDING)
            if slug != file.name and not _flaw(file, root):
                yield f"{topic.name}/{slug}", file.path


def _scan(folder: str, *, needed: bool = False) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        if not needed:
            return []
        reason = (error.strerror or "unreadable").lower()
        raise NoSuchBank(f"the bank's folder {printable(folder)}: {reason}") from None


def _is_inside(entry: os.DirEntry[str], root: str) -> bool:
    """Whether an entry isn't a link, or is one that stays in the folder."""
    return not entry.is_symlink() or os.path.realpath(entry.path).startswith(
        root.rstrip(os.sep) + os.sep
    )


def _leads_to(question: Callable[[], bool]) -> bool:
    """Ask an entry about what it leads to; a link to itself leads nowhere."""
    try:
        return question()
    except OSError:
        return False


def _flaw(file: os.DirEntry[str], root: str) -> str:
    """Why a file in a topic's folder is no problem of the bank; nothing if it is one."""
    slug, ending = os.path.splitext(file.name)
    if not _is_inside(file, root):
        return LEAVES
    if ending != ENDING:
        return f"rename the file: its name must end in {ENDING}"
    if not is_slug(slug):
        return "rename the file: small letters, digits and hyphens only"
    return "" if _leads_to(file.is_file) else "this is no file that can be read"


def about_findings(folder: str) -> Findings | tuple[()]:
    """What is wrong with a bank's ``bank.yaml``."""
    from tutor.bank.about import FILE, read_about

    said = read_about(folder, shown_path(os.path.join(folder, FILE)))
    return said if isinstance(said, Findings) else ()


def unreachable(folder: str) -> Iterator[Finding]:
    """Files that look like problems but have no id."""
    root = os.path.realpath(folder)
    pending = [(folder, 0)]
    while pending:
        place, depth = pending.pop()
        for entry in _scan(place):
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                pending.append((entry.path, depth + 1))
            elif message := _misplaced(entry, depth, root):
                yield Finding(shown_path(entry.path), 1, 1, (), message)


def _misplaced(entry: os.DirEntry[str], depth: int, root: str) -> str:
    """Why a file, or a link in its place, has no id; nothing if it has, or wants none."""
    if depth == 0 and _leads_to(entry.is_dir):
        return "" if _is_inside(entry, root) else _flaw(entry, root)
    if os.path.splitext(entry.name)[1].lower() not in (ENDING, ".yml"):
        return ""
    if depth == 0 and entry.name == "bank.yaml":
        return ""
    if depth == 1 and os.path.basename(os.path.dirname(entry.path)) == EXAMS:
        return ""
    if depth != 1:
        return "move the file: a problem lies in a topic's folder, topic/slug.yaml"
    if not is_slug(os.path.basename(os.path.dirname(entry.path))):
        return "rename the folder: small letters, digits and hyphens only"
    return _flaw(entry, root)
