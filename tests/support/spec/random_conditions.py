"""Small random specs whose one claim fails at some of its inputs, and what every input makes of a condition."""

import random
from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from pathlib import Path

from mechverify.spec.expression.evaluate import evaluate
from mechverify.spec.expression.syntax import Expression
from mechverify.spec.read import read_spec
from mechverify.spec.spec import Spec

HIGH = 6


def random_spec(seed: int, folder: Path) -> Spec:
    """Two or three integer inputs from 0 to 6, sometimes a precondition, and a claim of comparisons and remainders."""
    draw = random.Random(seed)
    names = ["x", "y", "z"][: draw.choice((2, 2, 3))]
    claim = f" {draw.choice(('or', 'or', 'and'))} ".join(
        f"({_atom(draw, names)})" for _ in range(draw.choice((1, 2, 3)))
    )
    lines = ["mechverify: 1", "title: t", f"inputs: {{{', '.join(f'{n}: {{integers: 0 .. {HIGH}}}' for n in names)}}}"]
    if draw.random() < 0.3:
        lines.append(f'preconditions: {{some: "{_atom(draw, names)}"}}')
    if draw.random() < 0.4:
        value = f"{draw.choice(names)} {draw.choice(('<=', '=='))} {draw.choice(names)}"
        lines.append(f'explanation: {{variables: {{told: {{value: "{value}"}}}}}}')
        claim = f"({claim}) or told" if draw.random() < 0.5 else claim
    lines += ["claims:", f'  c: {{always: "{claim}"}}']
    path = folder / f"s{seed}.yaml"
    path.write_text("\n".join(lines) + "\n")
    return read_spec(path)


def _atom(draw: random.Random, names: list[str]) -> str:
    a, b = draw.choice(names), draw.choice(names)
    match draw.randrange(5):
        case 0:
            return f"{a} % {draw.choice((2, 3))} == {draw.randrange(2)}"
        case 1:
            return f"{draw.choice((1, 2, -1))} * {a} + {draw.choice((1, -1, 3))} * {b} <= {draw.randrange(-3, 12)}"
        case 2:
            return f"abs({a} - {b}) {draw.choice(('<=', '>=', '!='))} {draw.randrange(4)}"
        case 3:
            return f"{a} {draw.choice(('==', '<=', '>', '!='))} {draw.choice((b, str(draw.randrange(HIGH))))}"
    return f"max({', '.join(names)}) {draw.choice(('<=', '>='))} {draw.randrange(1, HIGH)}"


def environments(spec: Spec) -> Iterator[dict[str, Fraction | bool]]:
    """Every input, with the explanation's variable."""
    names = [i.name for i in spec.inputs]
    for values in product(range(HIGH + 1), repeat=len(names)):
        env: dict[str, Fraction | bool] = dict(zip(names, map(Fraction, values), strict=True))
        for variable in spec.variables:
            if variable.value is not None:
                env[variable.name] = bool(evaluate(variable.value.expression, env))  # type: ignore[arg-type]
        yield env


def true_at(e: Expression, env: dict[str, Fraction | bool]) -> bool:
    """Whether a condition holds at an input, by the second evaluator."""
    return evaluate(e, env) is True  # type: ignore[arg-type]
