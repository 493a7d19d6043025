"""Everything of the tutor that runs without a terminal; ``engine/README.md`` is the way in.

The names below are the public face. Each is imported when it is first asked for, so that
``import engine`` costs next to nothing.
"""

# Not from typing: that import would be the only one here. Type checkers know the name.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from engine.comparison import compare
    from engine.equality import Equality, equal
    from engine.grading import grade
    from engine.language.errors import Undefined, Unreadable
    from engine.language.exact import evaluate
    from engine.language.layout import two_dimensional
    from engine.language.parser import read
    from engine.language.printer import format_value, one_line
    from engine.language.scope import Scope
    from engine.language.symbols import Symbol, parse_symbols
    from engine.language.tree import Node
    from engine.problem import BrokenProblem, Part, Problem, Range
    from engine.text import linear
    from engine.variant import Variant, make_variant
    from engine.verdict import PartVerdict, Verdict

__all__ = [
    "BrokenProblem",
    "Equality",
    "Node",
    "Part",
    "PartVerdict",
    "Problem",
    "Range",
    "Scope",
    "Symbol",
    "Undefined",
    "Unreadable",
    "Variant",
    "Verdict",
    "compare",
    "equal",
    "evaluate",
    "format_value",
    "grade",
    "linear",
    "make_variant",
    "one_line",
    "parse_symbols",
    "read",
    "two_dimensional",
]

_OWNERS = {
    "comparison": ("compare",),
    "equality": ("Equality", "equal"),
    "grading": ("grade",),
    "language.errors": ("Undefined", "Unreadable"),
    "language.exact": ("evaluate",),
    "language.layout": ("two_dimensional",),
    "language.parser": ("read",),
    "language.printer": ("format_value", "one_line"),
    "language.scope": ("Scope",),
    "language.symbols": ("Symbol", "parse_symbols"),
    "language.tree": ("Node",),
    "problem": ("BrokenProblem", "Part", "Problem", "Range"),
    "text": ("linear",),
    "variant": ("Variant", "make_variant"),
    "verdict": ("PartVerdict", "Verdict"),
}
_MODULES = {name: f"{__name__}.{module}" for module, names in _OWNERS.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    found: object = getattr(import_module(_MODULES[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return __all__
