"""Spellings of names: ``λ``, ``lambda`` and ``lam`` are one symbol, so are ``ŷ`` and ``yhat``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import product

GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "zeta": "ζ",
    "eta": "η", "theta": "θ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν",
    "xi": "ξ", "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ", "chi": "χ", "psi": "ψ",
    "omega": "ω", "omicron": "ο", "upsilon": "υ", "Alpha": "Α", "Beta": "Β", "Gamma": "Γ",
    "Delta": "Δ", "Epsilon": "Ε", "Zeta": "Ζ", "Eta": "Η", "Theta": "Θ", "Iota": "Ι",
    "Kappa": "Κ", "Lambda": "Λ", "Mu": "Μ", "Nu": "Ν", "Xi": "Ξ", "Omicron": "Ο", "Pi": "Π",
    "Rho": "Ρ", "Sigma": "Σ", "Tau": "Τ", "Upsilon": "Υ", "Phi": "Φ", "Chi": "Χ", "Psi": "Ψ",
    "Omega": "Ω",
}  # fmt: skip
SHORT = {"lambda": "lam", "epsilon": "eps"}
_FAMILIES = [{word, letter, SHORT.get(word, word)} for word, letter in GREEK.items()]
_FAMILY_OF = {word: family for family in _FAMILIES for word in family}
_PIECES = re.compile(r"[^\W\d_]+|\d+|_|[^\w\s]|\s+")
_ARGUMENT = re.compile(r"\w+\s*(?:\(\s*\w+\s*\)|\[\s*\w+\s*\])")
_BRACKETS = {"(": r"[(\[]", "[": r"[(\[]", ")": r"[)\]]", "]": r"[)\]]"}
_SIMPLE = re.compile(r"[^\W\d]\w*\Z")


def is_simple(name: str) -> bool:
    """Whether a name is one word; ``dJ/dw_i`` and ``E[w]`` are not."""
    return _SIMPLE.match(name) is not None


def word_spellings(word: str) -> set[str]:
    """Spellings of one run of letters: Greek by letter, name and short name, hats both ways."""
    base, hat = (word[:-3], "hat") if word.endswith("hat") and len(word) > 3 else (word, "")
    bases = _FAMILY_OF.get(base, {base})
    if not hat:
        return set(bases)
    return {f"{b}{join}hat" for b in bases for join in ("", "_")}


def spellings(name: str) -> set[str]:
    """Every way to type a simple name: its words in all their spellings.

    A number behind a letter may stand with or without its ``_``: x1 is x_1.

    >>> sorted(spellings("lam_1"))
    ['lam1', 'lam_1', 'lambda1', 'lambda_1', 'λ1', 'λ_1']
    """
    pieces = re.split(r"(_hat|_|\d+)", name)
    joined: list[str] = []
    for piece in pieces:
        if piece == "_hat" and joined:
            joined[-1] += "hat"
        elif piece:
            joined.append(piece)
    options = [sorted(word_spellings(p)) if p[0].isalpha() else [p] for p in joined]
    every = {name, *("".join(choice) for choice in product(*options))}
    return every | {other for word in every for other in _numbered(word)}


def _numbered(word: str) -> tuple[str, ...]:
    """``x_1`` and ``x1`` for either of them."""
    found = re.fullmatch(r"(\w*[^\W\d_])_?(\d+)", word)
    return (f"{found[1]}_{found[2]}", f"{found[1]}{found[2]}") if found else ()


def special_pattern(name: str) -> str:
    """A regular expression for a name with punctuation, ``dJ/dw_i`` or ``Var(w)``.

    Spaces may stand between its pieces; the d of a derivative may be ``∂``; the brackets of
    ``E[w]`` may be round and those of ``Var(w)`` square. A name that ends in a letter or digit
    ends there, so ``dJ/dw`` isn't the beginning of ``dJ/dw_1``.
    """
    end = r"(?![A-Za-z0-9_])" if name[-1].isalnum() else ""
    derivative = re.fullmatch(r"d(\w+)/d(\w+)", name)
    if derivative:
        over, under = (_alternatives(group) for group in derivative.groups())
        return rf"[d∂]\s*{over}\s*/\s*[d∂]\s*{under}{end}"
    pieces = re.findall(r"\w+|[^\w\s]", name)
    brackets = _BRACKETS if _ARGUMENT.fullmatch(name) else {}
    patterns = (
        _alternatives(p) if p[0].isalnum() else brackets.get(p, re.escape(p)) for p in pieces
    )
    return r"\s*".join(patterns) + end


def _alternatives(word: str) -> str:
    options = sorted(spellings(word), key=len, reverse=True)
    return "(?:" + "|".join(map(re.escape, options)) + ")"


def nearest(word: str, known: Iterable[str]) -> str:
    """The known name one slip away from ``word`` (case, one letter, a swap), or ``""``."""
    candidates = list(known)
    folded = [name for name in candidates if name.casefold() == word.casefold()]
    if folded:
        return folded[0]
    if len(word) < 2:
        return ""
    from difflib import get_close_matches

    close = get_close_matches(word, candidates, n=1, cutoff=0.7)
    return close[0] if close else ""
