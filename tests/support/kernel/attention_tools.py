"""Small random attention heads as problems of the kernel: tokens, scores, weights, values, and what is asked of them."""

from dataclasses import dataclass
from fractions import Fraction

from kernel_tools import Build, num

from mechverify.kernel.api import spelled_out


@dataclass
class Head:
    """A problem in the making: the last token asks; `logits` are weighted means of what the tokens hold."""

    build: Build
    tokens: list
    weights: list
    logits: list
    largest: int

    @property
    def asking(self):
        """The index of the input that asks."""
        return len(self.tokens) - 1

    def argmax_is_largest(self):
        """A claim: the first greatest logit is that of the largest token."""
        build, logits = self.build, self.logits
        index = build.const(len(logits) - 1)
        for k in reversed(range(len(logits) - 1)):
            beats = [build.node("lt", logits[i], logits[k]) for i in range(k)]
            beats += [build.node("le", logits[i], logits[k]) for i in range(k + 1, len(logits))]
            index = build.node("ite", build.node("and", beats), build.const(k), index)
        valued = [build.node("le", one, one) for one in logits]
        return build.node("and", [build.node("and", valued), build.node("eq", index, self.largest)])


def head(rng, length, vocabulary, *, sharp=2, beside=None):
    """A head that attends to large tokens and copies them, roughly; `sharp`: how much it prefers them; `beside`:
    another head of the same tokens."""
    build = Build() if beside is None else beside.build
    t = beside.tokens if beside else [build.integer(f"t_{i}", 0, vocabulary - 1) for i in range(length)]

    def table(entries, index):
        return build.node("table", [num(x) for x in entries], index)

    def noise(size):
        return Fraction(rng.randint(-8, 8), 8) * size

    asked = table([1 + noise(Fraction(1, 4)) for _ in range(vocabulary)], t[-1])
    powers = []
    for one in t:
        key = table([sharp * k + noise(Fraction(1, 2)) for k in range(vocabulary)], one)
        powers.append(build.node("exp", build.node("mul", "exact", asked, key)))
    total = build.affine(0, *((1, e) for e in powers))
    weights = [build.node("div", "exact", e, total) for e in powers]
    logits = []
    for k in range(vocabulary):
        parts = []
        for i, one in enumerate(t):
            held = [Fraction(4 * (x == k)) for x in range(vocabulary)]
            value = table([x + noise(Fraction(1, 2)) + Fraction(i, 64) for x in held], one)
            parts.append((1, build.node("mul", "exact", weights[i], value)))
        direct = table([noise(Fraction(1, 2)) + Fraction(k, 128) for _ in range(vocabulary)], t[-1])
        logits.append(build.affine(Fraction(rng.randint(-2, 2), 64), *parts, (1, direct)))
    largest = t[0]
    for one in t[1:]:
        largest = build.node("max", largest, one)
    return Head(build, t, weights, logits, largest)


def truths_at(problem, values):
    """The comparisons of a problem in two groups, as they are in an execution."""
    comparisons = [v for v, node in enumerate(nodes_of(problem)) if node[0] in ("le", "lt", "eq")]
    return [["true", [v for v in comparisons if values[v]]], ["false", [v for v in comparisons if not values[v]]]]


def nodes_of(problem):
    """The nodes of a problem, those in rows one by one."""
    return spelled_out(problem)
