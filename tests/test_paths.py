"""Where things lie: the user's files, and the bank in a checkout and in a wheel."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import platformdirs
import pytest

from tutor import paths

CHECKOUT = Path(__file__).resolve().parent.parent
OUR_PROJECT = '[project]\nname = "exam-tutor"\n'


def test_tutor_home_moves_all_that_is_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TUTOR_HOME", str(tmp_path / "elsewhere"))
    assert paths.home() == tmp_path / "elsewhere"
    assert paths.store_path() == tmp_path / "elsewhere" / "attempts.db"
    assert not paths.home().exists(), "asking where must not make anything"


def test_tutor_home_may_start_with_a_tilde_or_be_relative(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TUTOR_HOME", "~/mine")
    assert paths.home() == tmp_path / "mine"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TUTOR_HOME", "mine")
    assert paths.home() == tmp_path / "mine"


@pytest.mark.parametrize("value", [None, ""])
def test_without_tutor_home_the_platform_decides(
    monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    if value is None:
        monkeypatch.delenv("TUTOR_HOME", raising=False)
    else:
        monkeypatch.setenv("TUTOR_HOME", value)
    assert paths.home() == Path(platformdirs.user_data_dir("exam-tutor", appauthor=False))


def test_platformdirs_is_imported_only_if_it_is_needed(tmp_path: Path) -> None:
    code = "import sys; from tutor.paths import home; home(); print('platformdirs' in sys.modules)"
    environment = {"TUTOR_HOME": str(tmp_path), "PYTHONPATH": str(CHECKOUT)}
    run = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert run.stdout == "False\n"


def test_the_checkout_has_its_bank_at_the_top() -> None:
    assert paths.bundled_bank(CHECKOUT / "tutor") == CHECKOUT / "problems"


def make_folders(top: Path, *names: str) -> Path:
    for name in names:
        (top / name).mkdir(parents=True)
    return top / "tutor"


def test_a_wheel_has_its_bank_inside_the_package(tmp_path: Path) -> None:
    package = make_folders(tmp_path, "tutor/problems")
    assert paths.bundled_bank(package) == package / "problems"


@pytest.mark.parametrize(
    "project",
    [
        None,
        '[project]\nname = "other"\n',
        '[project]\nname = "other"\ndependencies = ["exam-tutor"]\n',
        "\xff",
    ],
)
def test_problems_of_somebody_else_in_site_packages_are_left_alone(
    tmp_path: Path, project: str | None
) -> None:
    package = make_folders(tmp_path, "tutor/problems", "problems")
    if project is not None:
        (tmp_path / "pyproject.toml").write_text(project, encoding="latin-1")
    assert paths.bundled_bank(package) == package / "problems"


def test_in_a_checkout_the_top_level_bank_wins_over_a_stray_copy(tmp_path: Path) -> None:
    package = make_folders(tmp_path, "tutor/problems", "problems")
    (tmp_path / "pyproject.toml").write_text(OUR_PROJECT, encoding="utf-8")
    assert paths.bundled_bank(package) == tmp_path / "problems"
