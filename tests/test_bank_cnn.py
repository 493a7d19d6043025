"""The cnn problems: the course's answers, known slips, and keys worked out anew."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.signal import correlate2d

import engine.variant
from engine.grading import grade
from engine.kinds import kind_of
from engine.language.layout import text_width, two_dimensional
from engine.problem import Problem
from engine.text import Display, linear
from engine.variant import Variant, make_variant
from engine.verdict import PartVerdict
from tutor.bank.bank import Bank

BANK = Bank([Path(__file__).parent.parent / "problems"])
# Each problem with the least number of different variants among 200 seeds.
VARIED = {
    "cnn/conv-output": 150,
    "cnn/output-size": 150,
    "cnn/conv-params": 130,
    "cnn/shape-table": 199,
    "cnn/maxpool-forward": 199,
    "cnn/maxpool-backward": 199,
}
IDS = sorted(VARIED)
SEEDS = range(40)


@cache
def problem(id: str) -> Problem:
    return BANK.load(id)


@cache
def variant(id: str, seed: int | None = None) -> Variant:
    return make_variant(problem(id), seed)


def marked(drawn: Variant, part: str, answer: str) -> PartVerdict:
    return next(p for p in grade(drawn, {part: answer}).parts if p.id == part)


def numbers(text: str) -> list[int]:
    return [int(n.replace("−", "-")) for n in re.findall(r"(?<![\w.])[-−]?\d+", text)]


def arrays(text: str) -> dict[str, Any]:
    """``X = [[1, 2], [3, 4]]`` in a text, by name."""
    found = re.findall(r"(\w) = \[(\[.*\])\]", text)
    return {
        name: np.array([numbers(row) for row in re.findall(r"\[(.*?)\]", rows)])
        for name, rows in found
    }


# -- the originals ---------------------------------------------------------------------------

OUTPUTS = "[[0,0,0,0],[0,-4,7,0],[0,5,0,0],[0,0,0,-6]]"
MASK = "[[0,0,0,0],[0,1,1,0],[0,1,0,0],[0,0,0,1]]"
TABLE = {
    "conv1": ("120x120x32", "7,776", "32"),
    "pool1": ("60x60x32", "0", "0"),
    "conv2": ("56 × 56 × 64", "51200", "64"),
    "pool2": ("(28, 28, 64)", "0", "0"),
    "conv3": ("24 x 24 x 64", "5*5*64*64", "64"),
    "pool3": ("12 by 12 by 64", "0", "0"),
    "fc": ("3", "27648", "3"),
}
COLUMNS = ("shape", "weights", "biases")
CELLS = {
    f"{row}.{c}": a for row, cells in TABLE.items() for c, a in zip(COLUMNS, cells, strict=True)
}
PRODUCTS = {"conv1.weights": "9*9*3*32", "conv2.weights": "5²·32·64", "fc.weights": "12×12×64×3"}


@pytest.mark.parametrize(
    ("slug", "answers"),
    [
        ("conv-output", {"side": "6"}),
        ("conv-output", {"side": "side = 6.0"}),
        ("conv-output", {"side": "(15 - 5)/2 + 1"}),
        ("conv-output", {"side": "⌊(15 + 2·0 − 5)/2⌋ + 1"}),
        ("output-size", {"valid": "4", "same": "6", "strided": "2"}),
        ("output-size", {"valid": "6-3+1", "same": "6+2*1-3+1", "strided": "floor((6-3)/2)+1"}),
        ("conv-params", {"one-channel": "260", "rgb": "760"}),
        ("conv-params", {"one-channel": "(5*5+1)*10", "rgb": "(5·5·3 + 1)·10"}),
        ("conv-params", {"one-channel": "(5^2 + 1) 10", "rgb": "75*10 + 10"}),
        ("shape-table", CELLS),
        ("shape-table", {**CELLS, **PRODUCTS, "fc.shape": "(3,)"}),
        ("shape-table", {**CELLS, "fc.shape": "(3)", "conv1.shape": "[120, 120, 32]"}),
        ("maxpool-forward", {"output": "[[10, 5], [6, 9]]"}),
        ("maxpool-forward", {"output": "np.array([[10., 5.], [6., 9.]])"}),
        ("maxpool-forward", {"output": "10 5\n6 9"}),
        ("maxpool-backward", {"mask": MASK, "dinput": OUTPUTS}),
        ("maxpool-backward", {"mask": MASK, "dinput": "0 0 0 0; 0 -4 7 0; 0 5 0 0; 0 0 0 -6"}),
    ],
)
def test_right_answers_of_the_originals(slug: str, answers: dict[str, str]) -> None:
    verdict = grade(variant(f"cnn/{slug}"), answers)
    assert verdict.verdict == "correct", [p for p in verdict.parts if p.verdict != "correct"]
    assert verdict.score == verdict.max_score


@pytest.mark.parametrize(
    ("slug", "part", "answer", "note", "words"),
    [
        ("conv-output", "side", "5", "forgot-plus-one", "before its first step"),
        ("conv-output", "side", "(15-5)/2", "forgot-plus-one", "before its first step"),
        ("conv-output", "side", "11", "ignored-stride", "at stride 1"),
        ("conv-output", "side", "8", "same-size", "'same' padding"),
        ("conv-output", "side", "5.5", "plus-one-inside", "into the division"),
        ("conv-output", "side", "(15-5+1)/2", "plus-one-inside", "into the division"),
        ("conv-output", "side", "7", "padding-assumed", "for padding 1"),
        ("output-size", "strided", "2.5", "not-rounded", "rounded down"),
        ("output-size", "strided", "3", "rounded-up", "rounded up"),
        ("output-size", "strided", "1", "forgot-plus-one", "one place more"),
        ("output-size", "strided", "4", "ignored-stride", "at stride 1"),
        ("output-size", "same", "5", "one-place-short", "counted once"),
        ("output-size", "same", "4", "forgot-padding", "without padding"),
        ("output-size", "same", "8", "padded-input", "padded input"),
        ("output-size", "valid", "3", "forgot-plus-one", "counts too"),
        ("conv-params", "one-channel", "251", "one-bias", "single bias"),
        ("conv-params", "rgb", "751", "one-bias", "single bias"),
        ("conv-params", "rgb", "260", "ignored-channels", "for one channel"),
        ("conv-params", "rgb", "750", "no-biases", "weights alone"),
        ("conv-params", "rgb", "780", "bias-per-channel", "every channel of every filter"),
        ("shape-table", "conv1.weights", "2592", "ignored-channels", "one channel deep"),
        ("shape-table", "conv2.weights", "1600", "ignored-channels", "one channel deep"),
        ("shape-table", "conv3.weights", "1600", "ignored-channels", "one channel deep"),
        ("shape-table", "conv1.weights", "7808", "biases-included", "column of their own"),
        ("shape-table", "conv2.weights", "51264", "biases-included", "column of their own"),
        ("shape-table", "conv3.weights", "102,464", "biases-included", "column of their own"),
        ("shape-table", "conv1.weights", "77,760", "digit-too-many", "ten times"),
        ("shape-table", "conv1.shape", "128x128x32", "same-padding", "'same' padding"),
        ("shape-table", "conv1.shape", "119x119x32", "forgot-plus-one", "steps"),
        ("shape-table", "fc.weights", "432", "without-channels", "without its depth"),
        ("shape-table", "fc.weights", "192", "without-positions", "Only the depth"),
        ("shape-table", "pool1.weights", "4", "window-weights", "no weights to learn"),
        ("shape-table", "pool1.weights", "2*2*32", "window-weights-per-channel", "no channel"),
        ("shape-table", "pool1.shape", "60x60x16", "halved-depth", "depth is divided"),
        ("shape-table", "conv1.biases", "1", "one-per-layer", "whole layer"),
        ("shape-table", "fc.biases", "1", "one-per-layer", "whole layer"),
        ("maxpool-forward", "output", "[[4.5,2.25],[3.25,5.5]]", "average", "average pooling"),
        ("maxpool-forward", "output", "10 10 5; 10 10 6; 6 6 9", "stride-one", "stride here is 2"),
        ("maxpool-forward", "output", "[[4,10],[6,9]]", "column-maxima", "whole columns"),
        ("maxpool-forward", "output", "[[3,10],[6,9]]", "row-maxima", "whole rows"),
        (
            "maxpool-backward",
            "dinput",
            OUTPUTS.replace("7", "5"),
            "pooled-value-1-2",
            "its maximum, 5",
        ),
        (
            "maxpool-backward",
            "dinput",
            OUTPUTS.replace("-4", "10"),
            "pooled-value-1-1",
            "maximum, 10",
        ),
        (
            "maxpool-backward",
            "dinput",
            "0 0 0 0; 0 -40 35 0; 0 30 0 0; 0 0 0 -54",
            "times-input",
            "multiplied by the value",
        ),
        (
            "maxpool-backward",
            "dinput",
            "-1 -1 1.75 1.75; -1 -1 1.75 1.75; 1.25 1.25 -1.5 -1.5; 1.25 1.25 -1.5 -1.5",
            "average-pool",
            "average pooling",
        ),
        (
            "maxpool-backward",
            "dinput",
            "-4 -4 7 7; -4 -4 7 7; 5 5 -6 -6; 5 5 -6 -6",
            "upsampled",
            "full gradient",
        ),
        (
            "maxpool-backward",
            "dinput",
            "-4 0 0 0; 0 0 7 0; 0 5 0 0; 0 0 0 -6",
            "misrouted-1-1-1",
            "top left window",
        ),
        (
            "maxpool-backward",
            "dinput",
            "0 0 0 0; 0 0 7 0; 0 5 0 0; 0 0 0 0",
            "clipped",
            "ReLU",
        ),
        (
            "maxpool-backward",
            "mask",
            "0 0 0 0; 0 10 5 0; 0 6 0 0; 0 0 0 9",
            "values-kept",
            "1 or 0",
        ),
    ],
)
def test_slips_in_the_originals(slug: str, part: str, answer: str, note: str, words: str) -> None:
    id = f"cnn/{slug}"
    verdict = marked(variant(id), part, answer)
    assert verdict.verdict in ("incorrect", "partial")
    assert verdict.note == f"{id}:{part}:{note}"
    assert words in verdict.feedback[0]


def test_words_about_biases_are_true_of_the_layer() -> None:
    for seed in SEEDS:
        drawn = variant("cnn/conv-params", seed)
        has = "has a bias" in linear(drawn.question)
        slips = {slip.id for slip in drawn.slips(drawn.part("rgb"), {})}
        assert ("bias-per-channel" in slips) == has
        assert ("added-biases-per-channel" in slips) != has


def test_the_part_same_mostly_keeps_the_size() -> None:
    drawn = [variant("cnn/output-size", seed).values for seed in range(200)]
    kept = sum(2 * values["p"] == values["f"] - 1 for values in drawn)  # type: ignore[operator]
    assert 0.75 * len(drawn) <= kept < len(drawn)
    assert variant("cnn/output-size").values["p"] == 1


def test_a_kept_depth_is_no_slip_where_the_depths_agree() -> None:
    drawn = variant("cnn/shape-table")
    references = {part.id: part.reference for part in drawn.parts}
    slips = [slip.id for slip in drawn.slips(drawn.part("conv3.shape"), references)]
    assert "kept-depth" not in slips
    assert "same-padding" in slips


def test_the_wrong_arg_max_is_told_in_any_cell_of_its_window() -> None:
    """-4 belongs to row 2, column 2."""
    for row, column in ((0, 0), (0, 1), (1, 0)):
        gradient = np.array([[0, 0, 0, 0], [0, 0, 7, 0], [0, 5, 0, 0], [0, 0, 0, -6]])
        gradient[row, column] = -4
        verdict = marked(variant("cnn/maxpool-backward"), "dinput", str(gradient.tolist()))
        assert verdict.diagnosis is not None
        assert verdict.diagnosis.kind.startswith("misrouted-1-1-")


def test_same_padding_in_the_first_row_is_followed_down_the_table() -> None:
    sides = {"conv1": 128, "pool1": 64, "conv2": 60, "pool2": 30, "conv3": 26, "pool3": 13}
    depths = dict(zip(sides, (32, 32, 64, 64, 64, 64), strict=True))
    own = {f"{row}.shape": f"{side}x{side}x{depths[row]}" for row, side in sides.items()}
    answers = {**CELLS, **own, "fc.weights": "13*13*64*3"}
    verdict = grade(variant("cnn/shape-table"), answers)
    wrong = [part.id for part in verdict.parts if part.verdict != "correct"]
    followed = {part.id for part in verdict.parts if part.follow_through}
    assert wrong == ["conv1.shape"]
    assert followed == {*own, "fc.weights"} - {"conv1.shape"}


def test_weights_follow_a_wrong_depth() -> None:
    answers = {**CELLS, "pool1.shape": "60x60x16", "conv2.weights": "5*5*16*64"}
    cell = next(
        part
        for part in grade(variant("cnn/shape-table"), answers).parts
        if part.id == "conv2.weights"
    )
    assert cell.follow_through
    assert cell.score == cell.max_score


# -- the keys, worked out from what the question says ------------------------------------------


def places(n: int, f: int, s: int, p: int) -> int:
    """Where a filter fits, counted."""
    return sum(left % s == 0 and left + f <= n + 2 * p for left in range(n + 2 * p))


@pytest.mark.parametrize("seed", SEEDS)
def test_places_of_a_filter_are_counted(seed: int) -> None:
    drawn = variant("cnn/conv-output", seed)
    f, _, s, p, n, _ = numbers(linear(drawn.question))
    side = places(n, f, s, p)
    assert grade(drawn, {"side": str(side)}).verdict == "correct"
    assert grade(drawn, {"side": str(side + 1)}).verdict == "incorrect"

    drawn = variant("cnn/output-size", seed)
    f, _, n, _ = numbers(linear(drawn.question))
    answers = {}
    for part in drawn.parts:
        p, s = numbers(linear(part.asked.ask))
        answers[part.id] = str(places(n, f, s, p))
    assert grade(drawn, answers).verdict == "correct"


@pytest.mark.parametrize("seed", SEEDS)
def test_parameters_of_a_layer_are_counted_in_arrays(seed: int) -> None:
    drawn = variant("cnn/conv-params", seed)
    question = linear(drawn.question)
    filters, h, w = numbers(question)
    answers = {}
    for part, channels in (("one-channel", 1), ("rgb", 3)):
        learned = [np.empty((h, w, channels)) for _ in range(filters)]
        if "has a bias" in question:
            learned += [np.empty(()) for _ in range(filters)]
        answers[part] = str(sum(a.size for a in learned))
    assert grade(drawn, answers).verdict == "correct"


def layer(name: str, size: list[int], shape: tuple[int, ...]) -> tuple[tuple[int, ...], int, int]:
    """Activation map, weights and biases of a layer that is really built."""
    if name == "CONV":
        k, filters = size
        one_map = correlate2d(np.zeros(shape[:2]), np.zeros((k, k)), mode="valid")
        return (*one_map.shape, filters), np.empty((k, k, shape[2], filters)).size, filters
    if name == "POOL":
        rows, columns = (range(0, side - size[0] + 1, size[0]) for side in shape[:2])
        return (len(rows), len(columns), shape[2]), 0, 0
    flat = np.zeros(shape).reshape(-1)
    return (size[0],), np.empty((size[0], flat.size)).size, size[0]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_table_agrees_with_layers_that_are_built(seed: int) -> None:
    drawn = variant("cnn/shape-table", seed)
    n, _, c, *_ = numbers(linear(drawn.question))
    shape: tuple[int, ...] = (n, n, c)
    answers: dict[str, str] = {}
    for part in drawn.parts:
        row, _, column = part.id.partition(".")
        if column == "shape":
            name, *size = linear(part.asked.ask).partition(":")[0].split("-")
            shape, weights, biases = layer(name, [int(x) for x in size], shape)
            answers[part.id] = "x".join(map(str, shape))
            answers[f"{row}.weights"], answers[f"{row}.biases"] = str(weights), str(biases)
    verdict = grade(drawn, answers)
    assert verdict.verdict == "correct", [p.id for p in verdict.parts if p.verdict != "correct"]
    assert 5 <= len(answers) / 3 <= 7


def windows(image: Any, k: int, s: int) -> dict[tuple[int, int], list[tuple[int, int]]]:
    """The cells of each window, by the window's place."""
    rows, columns = image.shape
    tops, lefts = range(0, rows - k + 1, s), range(0, columns - k + 1, s)
    return {
        (i, j): [(top + a, left + b) for a, b in product(range(k), repeat=2)]
        for (i, top), (j, left) in product(enumerate(tops), enumerate(lefts))
    }


def pooled(image: Any, k: int, s: int) -> Any:
    found = windows(image, k, s)
    i, j = max(found)
    output = np.zeros((i + 1, j + 1))
    for place, cells in found.items():
        output[place] = max(image[cell] for cell in cells)
    return output


@pytest.mark.parametrize("seed", SEEDS)
def test_max_pooling_agrees_with_loops(seed: int) -> None:
    drawn = variant("cnn/maxpool-forward", seed)
    question = linear(drawn.question)
    k, _, s, *_ = numbers(question)
    output = pooled(arrays(question)["X"], k, s)
    assert grade(drawn, {"output": str(output.tolist())}).verdict == "correct"


@pytest.mark.parametrize("seed", SEEDS)
def test_max_pooling_backward_agrees_with_finite_differences(seed: int) -> None:
    drawn = variant("cnn/maxpool-backward", seed)
    question = linear(drawn.question)
    k, _, s, *_ = numbers(question)
    given = arrays(question)
    X, G = given["X"].astype(float), given["G"]
    mask, gradient = np.zeros(X.shape, int), np.zeros(X.shape)
    for cells in windows(X, k, s).values():
        values = [X[cell] for cell in cells]
        assert values.count(max(values)) == 1
        mask[cells[values.index(max(values))]] = 1
    for cell in np.ndindex(X.shape):
        step = np.zeros(X.shape)
        step[cell] = 1 / 8
        rise = pooled(X + step, k, s) - pooled(X - step, k, s)
        gradient[cell] = (G * rise).sum() / (1 / 4)
    answers = {"mask": str(mask.tolist()), "dinput": str(gradient.tolist())}
    assert grade(drawn, answers).verdict == "correct"


# -- the problems as a whole -----------------------------------------------------------------


@pytest.mark.parametrize("id", IDS)
def test_examples_get_their_verdicts(id: str) -> None:
    for example in problem(id).examples:
        for seed in (None,) if example.original else range(5):
            drawn = variant(id, seed)
            filled = {
                part: linear(drawn.text(text, ("examples",)))
                for part, text in example.answers.items()
            }
            verdict = grade(drawn, filled)
            notes = {part.note.rpartition(":")[2] for part in verdict.parts if part.response}
            assert verdict.verdict == example.verdict, (drawn.code, filled)
            assert not example.note or example.note in notes, (drawn.code, filled, notes)


@pytest.mark.parametrize("id", IDS)
def test_slips_are_recognised_on_variants(id: str) -> None:
    """Each misconception's value, typed, gets its note, or that of one before it of that value.

    Three draws of each are marked; in most draws no two have the same value.
    """
    met, ambiguous = Counter[str](), 0
    for seed in (None, *range(8 if id == "cnn/maxpool-backward" else 25)):
        drawn = variant(id, seed)
        answers = {part.id: part.reference for part in drawn.parts}
        alike = False
        for part in drawn.parts:
            kind, earlier = kind_of(part.asked.kind), []
            for slip in drawn.slips(part, answers):
                if kind.same(slip.value, part.reference, part.asked):
                    assert seed is None
                    continue
                twins = [e.id for e in earlier if kind.same(slip.value, e.value, part.asked)]
                alike = alike or bool(twins)
                earlier.append(slip)
                met[f"{part.id}:{slip.id}"] += 1
                if met[f"{part.id}:{slip.id}"] > 3:
                    continue
                verdict = marked(drawn, part.id, kind.write(slip.value, part.asked))
                assert verdict.note == f"{id}:{part.id}:{(*twins, slip.id)[0]}", drawn.code
                assert verdict.feedback == (slip.say,) or twins
        ambiguous += alike
    assert ambiguous <= 5
    parts = variant(id).parts
    listed = {f"{p.id}:{m.id}" for p in parts for m in p.plan.part.misconceptions}
    assert not listed - met.keys()


@pytest.mark.parametrize("id", IDS)
def test_each_slip_of_a_part_has_words_of_its_own(id: str) -> None:
    """A gradient in the wrong cell of a window is one slip, whatever the cell."""
    for part in variant(id).parts:
        slips = part.plan.part.misconceptions
        names = {re.sub(r"(misrouted-\d-\d)-\d", r"\1", slip.id) for slip in slips}
        assert names
        assert len({slip.say for slip in slips}) == len(names), part.id


@pytest.mark.parametrize("id", IDS)
def test_many_variants_and_few_rejected_draws(id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No draw takes 40 attempts, so far fewer than nine in ten are rejected."""
    monkeypatch.setattr(engine.variant, "MAX_ATTEMPTS", 40)
    drawn = {str(variant(id, seed).parameters) for seed in range(200)}
    assert len(drawn) >= VARIED[id]


@pytest.mark.parametrize("id", IDS)
def test_texts_are_filled_in_and_fit_a_terminal(id: str) -> None:
    assert len(problem(id).hints) >= 2
    for seed in (None, *range(10)):
        drawn = variant(id, seed)
        for text in (drawn.question, drawn.solution, *drawn.hints):
            assert not re.search(r"[{}$]", linear(text)), drawn.code
            for block in text:
                lines = two_dimensional(block.maths) if isinstance(block, Display) else []
                words = [] if isinstance(block, Display) else block.text.split()
                assert all(text_width(line) <= 72 for line in (*lines, *words))
        for key in (part.reference for part in drawn.parts):
            assert key is not None


@pytest.mark.parametrize("id", IDS)
def test_hints_and_words_do_not_give_the_answer_away(id: str) -> None:
    """Of what is said of a slip, only the numbers that the question holds may be the key."""
    for seed in range(15):
        drawn = variant(id, seed)
        known = {*numbers(linear(drawn.question)), 0, 1, 2, 3}
        answers = {part.id: part.reference for part in drawn.parts}
        for part in drawn.parts:
            if part.asked.kind != "integer" or part.reference in known:
                continue
            for slip in drawn.slips(part, answers):
                own = numbers(linear(part.asked.ask))
                assert part.reference not in {*numbers(slip.say)} - {*own}, (drawn.code, slip)
