"""The bank: listing, loading, names, and what it says about files that are wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.problem import Problem
from tutor.bank.bank import (
    Bank,
    BrokenProblemFile,
    NoSuchBank,
    UnknownName,
    bank_folders,
    read_file,
)

BANKS = Path(__file__).parent / "banks"
TINY, BROKEN = BANKS / "tiny", BANKS / "broken"
TINY_IDS = ["cnn/conv-output", "cnn/layers", "gradients/power-rule"]
GOOD = "title: {}\nquestion: How many?\nparts: {{a: {{kind: number, answer: 1}}}}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where ``write`` puts problems."""
    return tmp_path / "bank"


def write(folder: Path, *names: str, text: str = "") -> None:
    for name in names:
        file = folder / f"{name}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text or GOOD.format(f"{folder.name} {name}"), encoding="utf-8")


def found(bank: Bank) -> list[str]:
    return [str(finding) for finding in bank.all_findings()]


def test_tiny_bank_is_listed_and_read() -> None:
    bank = Bank([TINY])
    assert bank.ids() == TINY_IDS
    assert bank.topics() == ["cnn", "gradients"]
    assert "cnn/layers" in bank
    assert [bank.load(id).id for id in bank.ids()] == TINY_IDS
    assert bank.load("cnn/layers").table is not None
    assert bank.all_findings() == []


def test_a_problem_is_read_when_asked_for_and_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder, "cnn/a", "cnn/b")
    bank = Bank([folder])
    (folder / "cnn/a.yaml").unlink()
    first = bank.load("cnn/b")
    (folder / "cnn/b.yaml").unlink()
    assert bank.load("cnn/b") is first
    with pytest.raises(BrokenProblemFile) as caught:
        bank.load("cnn/a")
    assert str(caught.value).endswith(
        "a.yaml:1:1: the file can't be read: No such file or directory"
    )


def test_broken_files_dont_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(BANKS)
    bank = Bank(["broken"])
    assert bank.ids() == ["cnn/aliases", "cnn/good", "cnn/slips", "cnn/syntax"]
    assert isinstance(bank.load("cnn/good"), Problem)
    with pytest.raises(BrokenProblemFile) as caught:
        bank.load("cnn/aliases")
    assert [finding.line for finding in caught.value.findings] == [1, 2, 3, 4]
    assert str(caught.value).startswith("broken/cnn/aliases.yaml:1:8: anchors aren't allowed")
    assert str(caught.value).endswith("(and 3 more)")


def test_broken_bank_gets_its_findings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(BANKS)
    expected = (BANKS / "broken.txt").read_text(encoding="utf-8").splitlines()
    assert found(Bank(["broken"])) == expected


def test_earlier_folders_win_and_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "one", "cnn/a", "cnn/b")
    write(tmp_path / "two", "cnn/b", "cnn/c", "own/d")
    bank = Bank(["one", "two"])
    assert bank.ids() == ["cnn/a", "cnn/b", "cnn/c", "own/d"]
    assert bank.load("cnn/b").title == "one cnn/b"
    assert bank.resolve(["cnn"]) == ["cnn/a", "cnn/b", "cnn/c"]
    notice = "two/cnn/b.yaml:1:1: warning: 'cnn/b' is hidden by one/cnn/b.yaml, which comes first"
    assert [str(finding) for finding in bank.notices()] == [notice]
    assert found(bank) == [notice]


def test_one_folder_named_twice_hides_nothing() -> None:
    assert Bank([TINY, f"{TINY}{os.sep}"]).notices() == []


def test_topics_and_ids_resolve_in_the_order_given() -> None:
    bank = Bank([TINY])
    assert bank.resolve([]) == TINY_IDS
    assert bank.resolve(["gradients", "cnn"]) == [TINY_IDS[2], *TINY_IDS[:2]]
    assert bank.resolve(["cnn/layers", "cnn"]) == ["cnn/layers", "cnn/conv-output"]


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("cnm", ["cnn"]),
        ("CNN", ["cnn"]),
        ("cnn/", ["cnn"]),
        ("layers", ["cnn/layers"]),
        ("cnn/conv-ouput", ["cnn/conv-output"]),
        ("gradient", ["gradients"]),
        ("quantum", []),
        ("", []),
        ("../tiny/cnn/layers", ["cnn/layers"]),
        ("/etc/passwd", []),
        ("x" * 100_000, []),
    ],
)
def test_unknown_names_tell_what_was_meant(name: str, nearest: list[str]) -> None:
    bank = Bank([TINY])
    with pytest.raises(UnknownName) as caught:
        bank.resolve([name])
    assert caught.value.name == name
    assert caught.value.nearest[:1] == nearest
    assert len(str(caught.value)) < 250


def test_unknown_name_in_words() -> None:
    bank = Bank([TINY])
    with pytest.raises(
        UnknownName, match=r"^there is no problem or topic 'cnm'; did you mean cnn\?$"
    ):
        bank.resolve(["cnm"])
    with pytest.raises(UnknownName, match=r"^there is no problem or topic '\\x1b\[1m'$"):
        bank.resolve(["\x1b[1m"])


@pytest.mark.parametrize("id", ["cnn", "cnn/none", "../tiny/cnn/layers", "cnn/../cnn/layers", ""])
def test_no_path_comes_from_an_id(id: str) -> None:
    bank = Bank([TINY])
    with pytest.raises(UnknownName):
        bank.load(id)
    with pytest.raises(UnknownName):
        bank.path(id)


def test_links_that_leave_the_folder_are_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "outside", "secret/a", "b")
    write(tmp_path / "bank", "cnn/c")
    (tmp_path / "bank/cnn/linked.yaml").symlink_to(tmp_path / "outside/b.yaml")
    (tmp_path / "bank/cnn/inner.yaml").symlink_to(tmp_path / "bank/cnn/c.yaml")
    (tmp_path / "bank/cnn/dangling.yaml").symlink_to(tmp_path / "bank/cnn/none.yaml")
    (tmp_path / "bank/cnn/loop.yaml").symlink_to(tmp_path / "bank/cnn/loop.yaml")
    (tmp_path / "bank/linked").symlink_to(tmp_path / "outside/secret")
    (tmp_path / "bank/around").symlink_to(tmp_path / "bank")
    (tmp_path / "bank/self").symlink_to(tmp_path / "bank/self")
    bank = Bank(["bank"])
    assert bank.ids() == ["cnn/c", "cnn/inner"]
    leaves = "1:1: this link leaves the bank's folder and isn't followed"
    unreadable = "1:1: this is no file that can be read"
    findings = found(bank)
    assert f"bank/cnn/linked.yaml:{leaves}" in findings
    assert f"bank/linked:{leaves}" in findings
    assert f"bank/around:{leaves}" in findings
    assert f"bank/cnn/dangling.yaml:{unreadable}" in findings
    assert len(findings) == 5


def test_a_folder_that_is_a_link_is_a_bank(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(TINY)
    assert Bank([tmp_path / "link"]).ids() == TINY_IDS


def test_a_topic_may_be_a_link_inside_the_folder(folder: Path) -> None:
    write(folder, "cnn/a")
    (folder / "again").symlink_to(folder / "cnn")
    bank = Bank([folder])
    assert bank.ids() == ["again/a", "cnn/a"]
    assert bank.all_findings() == []


@pytest.mark.skipif(sys.platform != "linux", reason="names that are no text")
def test_names_that_cant_be_printed_are_escaped(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder, "cnn/a")
    monkeypatch.chdir(folder)
    for name in (b"\xff.yaml", b"\x1b[1m.yaml"):
        Path(os.fsdecode(b"cnn/" + name)).write_text("title: x\n")
    message = "1:1: rename the file: small letters, digits and hyphens only"
    assert found(Bank(["."])) == [rf"cnn/\udcff.yaml:{message}", rf"cnn/\x1b[1m.yaml:{message}"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names")
def test_a_directory_or_pipe_is_no_problem(folder: Path) -> None:
    write(folder, "cnn/a")
    (folder / "cnn/dir.yaml").mkdir()
    os.mkfifo(folder / "cnn/pipe.yaml")
    bank = Bank([folder])
    assert bank.ids() == ["cnn/a"]
    assert [finding.message for finding in bank.all_findings()] == [
        "this is no file that can be read"
    ]


def test_what_editors_leave_behind_is_passed_over(folder: Path) -> None:
    write(folder, "cnn/a", "cnn/.hidden", ".git/b")
    (folder / "cnn/a.yaml~").write_text("")
    (folder / "cnn/.#a.yaml").symlink_to("nobody@nowhere.1")
    (folder / "cnn/README.md").write_text("")
    bank = Bank([folder])
    assert bank.ids() == ["cnn/a"]
    assert bank.all_findings() == []


@pytest.mark.parametrize(("name", "reason"), [("none", "no such file"), ("file", "not a dir")])
def test_a_missing_folder_is_one_error(tmp_path: Path, name: str, reason: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NoSuchBank, match=f"the bank's folder .*{name}: {reason}") as caught:
        Bank([TINY, tmp_path / name])
    assert "\n" not in str(caught.value)


def test_an_empty_folder_is_an_empty_bank(tmp_path: Path) -> None:
    bank = Bank([tmp_path])
    assert (bank.ids(), bank.topics(), bank.resolve([]), bank.all_findings()) == ([], [], [], [])


def test_folders_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUTOR_BANK", os.pathsep.join(["c", "", "d"]))
    bundled, *others = bank_folders(["a", "b"])
    assert Path(bundled).name == "problems"
    assert others == ["a", "b", "c", "d"]
    monkeypatch.delenv("TUTOR_BANK")
    assert bank_folders() == [bundled]


def test_a_file_larger_than_allowed_isnt_read_whole(folder: Path) -> None:
    write(folder, "cnn/a", text="#" * 1_000_000)
    reading = read_file(str(folder / "cnn/a.yaml"), "cnn/a")
    assert not isinstance(reading, Problem)
    assert [finding.message for finding in reading] == ["the file is larger than 256 KiB"]


def test_listing_imports_no_yaml_and_reading_nothing_heavy() -> None:
    program = (
        "import sys\n"
        "from tutor.bank.bank import Bank\n"
        f"bank = Bank([{str(TINY)!r}])\n"
        "assert bank.ids()\n"
        "assert not {'yaml', 'tutor.bank.reader', 'difflib', 'hashlib'} & set(sys.modules)\n"
        "bank.load('cnn/layers')\n"
        "assert 'yaml' in sys.modules\n"
        "assert not {'numpy', 'sympy', 'difflib'} & set(sys.modules)\n"
    )
    root = BANKS.parent.parent
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
