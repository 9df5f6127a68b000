"""Formulas in TeX, as they stand between dollars in Markdown and in web pages, on one line."""

from __future__ import annotations

import re

from engine.text.raised import fraction, power, root, with_index

FORMULA = re.compile(
    r"\$\$(?P<display>[^$]{1,2000})\$\$|\\\[(?P<brackets>[^$\n]{1,2000}?)\\\]|\\\((?P<parentheses>[^$\n]{1,1000}?)\\\)"
    r"|(?<![\w$\\])\$(?=[^\s$])(?P<dollars>[^$\n]{1,500}?)(?<=[^\s\\$])\$(?![\w$])"
)
_IS_TEX = re.compile(r"\\[A-Za-z]{2,}|[\^_]\s?[{\w\\]")
_IS_NAME = re.compile(r"[A-Za-z](?:\s?=.{1,200})?")
_TOKEN = re.compile(r"\\[A-Za-z]+\*?|\\.|[{}^_]|\d+(?:[.,]\d+)*|\s+|.", re.DOTALL)
_NAMED = """
alpha:α beta:β gamma:γ delta:δ epsilon:ε varepsilon:ε zeta:ζ eta:η theta:θ vartheta:θ iota:ι kappa:κ lambda:λ
mu:μ nu:ν xi:ξ pi:π rho:ρ sigma:σ tau:τ upsilon:υ phi:φ varphi:φ chi:χ psi:ψ omega:ω Gamma:Γ Delta:Δ Theta:Θ
Lambda:Λ Xi:Ξ Pi:Π Sigma:Σ Phi:Φ Psi:Ψ Omega:Ω times:× cdot:· pm:± mp:∓ div:÷ le:≤ leq:≤ ge:≥ geq:≥ ne:≠ neq:≠
approx:≈ equiv:≡ to:→ rightarrow:→ in:∈ infty:∞ sum:∑ prod:∏ int:∫ partial:∂ nabla:∇ cup:∪ cap:∩ subset:⊂
forall:∀ exists:∃ ldots:… cdots:… dots:… degree:° circ:°
"""
_SIGNS = dict(re.findall(r"(\w+):(\S)", _NAMED))
_SPACED = frozenset("=+−-±∓×·÷≤≥<>≠≈≡→∈")
_MAX_DEPTH = 20


def written_formula(match: re.Match[str]) -> str | None:
    """Write a match of `FORMULA` on one line; None where it is none: "$5 or $10", and brackets that are escaped."""
    words = next(filter(None, match.groups()), "")
    is_tex = _IS_TEX.search(words) or (match["dollars"] and _IS_NAME.fullmatch(words))
    return said_of_tex(words) if is_tex or match["display"] else None


def said_of_tex(words: str) -> str:
    """Write a formula of TeX on one line."""
    return _Tex(words).row(0)


class _Tex:
    """Read a formula from left to right."""

    def __init__(self, words: str) -> None:
        self._tokens = [token for token in _TOKEN.findall(words) if token not in ("\\left", "\\right", "\\!")]
        self._next = 0

    def row(self, depth: int) -> str:
        """Read up to the brace that closes, or to the end."""
        parts: list[str] = []
        while self._next < len(self._tokens):
            token = self._tokens[self._next]
            if token == "}":
                break
            if token in ("^", "_"):
                self._next += 1
                base, argument = parts.pop() if parts else "", self._argument(depth)
                parts.append(power(base, argument) if token == "^" else with_index(base, argument))
            else:
                parts.append(self._argument(depth))
        return _joined(parts)

    def _argument(self, depth: int) -> str:
        """Read one sign, one command with its arguments, or one group."""
        while self._next < len(self._tokens) and self._tokens[self._next].isspace():
            self._next += 1
        if self._next >= len(self._tokens) or depth > _MAX_DEPTH:
            self._next = len(self._tokens)
            return ""
        token = self._tokens[self._next]
        self._next += 1
        if token == "{":
            words = self.row(depth + 1)
            self._next += 1
            return words
        if not token.startswith("\\"):
            return "" if token in ("}", "^", "_", "&", "$") else token
        match token[1:]:
            case "frac" | "dfrac" | "tfrac" | "cfrac":
                over = self._argument(depth + 1)
                return fraction(over, self._argument(depth + 1))
            case "sqrt":
                return root(self._argument(depth + 1))
            case "text" | "mathrm" | "mathbf" | "mathit" | "mathbb" | "operatorname" | "displaystyle" | "textstyle":
                return "" if token.endswith("style") else self._argument(depth + 1)
            case name:
                return _SIGNS.get(
                    name, name if name.isalpha() and name not in _LAYOUT else "" if len(name) > 1 else " "
                )


_LAYOUT = frozenset(("quad", "qquad", "limits", "begin", "end", "hline", "label", "tag", "nonumber", "big", "Big"))


def _joined(parts: list[str]) -> str:
    words: list[str] = []
    for part in filter(None, parts):
        before = words[-1] if words else ""
        if part in _SPACED:
            words.append(f" {part} " if before.strip() and before.strip() not in _SPACED and before != "(" else part)
            continue
        if (before[-1:].isalnum() and part[:1].isalnum()) or before[-1:] in tuple("²³½,"):
            words.append(" ")
        words.append(part)
    return " ".join("".join(words).split())
