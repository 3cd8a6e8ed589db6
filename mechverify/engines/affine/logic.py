"""Truth values of many boxes at once: comparisons decided on the difference of forms, with linear facts if they help;
connectives."""

from dataclasses import dataclass

import numpy as np

from mechverify.engines.affine.forms import Flags, Forms, Multiplier, Signs, maximum, minimum
from mechverify.engines.affine.layout import Floats, Group, Rows
from mechverify.engines.affine.multipliers import best_multipliers

CERTAIN = 1e30
_RAISE = 2.0**-10
_MANY = 24

Pair = tuple[Floats, Floats]


def compare(state: Forms, group: Group) -> None:
    """le, lt and eq on d = b - a."""
    a, b, op = group.args
    out = group.out
    below, above = state.low[b] - state.high[a], state.high[b] - state.low[a]
    same = (a == b)[:, None]
    least = np.where(same, 0.0, minimum(below))
    most = np.where(same, 0.0, maximum(above))
    doubt = state.err[a] + state.err[b]
    size = state.magnitude(a) + state.magnitude(b)
    rounding = np.maximum(state.rounding(a, size, 4.0), state.rounding(b, size, 4.0))
    doubt = np.where(same, 0.0, state.margin * (doubt + rounding))
    steady = state.steady[a] & state.steady[b]
    step = np.where(steady & (group.grid[:, None] <= 126), np.ldexp(1.0, -np.minimum(group.grid, 127))[:, None], 0.0)
    undefined = state.tops[a] | state.tops[b]
    strict = np.zeros(least.shape, dtype=np.bool_)
    truth = _decide(op, (least, most), (doubt, doubt), step, (strict, strict))
    truth[undefined] = 0
    if state.facts is not None:
        _with_facts(state, group, (below, above), (least, most), doubt, step, truth, undefined)
    conclude(state, out, truth)
    equality = (op == 2)[:, None]
    gap_low = np.where(equality, np.minimum(least, -most), least)
    gap_high = np.where(equality, np.minimum(most, -least), most)
    known = np.where((state.known[out] == 0) & same & (op != 1)[:, None] & ~undefined, 1, state.known[out])
    state.gap_low[out] = np.where(known != 0, known * CERTAIN, gap_low)
    state.gap_high[out] = np.where(known != 0, known * CERTAIN, gap_high)


def _decide(op: Rows, ends: Pair, doubts: Pair, step: Floats, sharp: tuple[Flags, Flags]) -> Signs:
    """Truth of each comparison for d between the ends, each known up to its doubt; on a grid of ``step`` (0: none)."""
    low, high = ends[0] - doubts[0], -ends[1] - doubts[1]
    at_least = (low >= 0.0) | ((step > 0.0) & (low > -step))
    at_most = (high >= 0.0) | ((step > 0.0) & (high > -step))
    above, below = (low > 0.0) | ((low == 0.0) & sharp[0]), (high > 0.0) | ((high == 0.0) & sharp[1])
    kind = op[:, None]
    true = np.where(kind == 0, at_least, np.where(kind == 1, above, at_least & at_most))
    false = np.where(kind == 0, below, np.where(kind == 1, at_most, above | below))
    return true.astype(np.int8) - (false & ~true).astype(np.int8)


@dataclass(frozen=True, slots=True)
class _Side:
    """Bounds from below of d, or of -d, for some comparisons, with facts: (n,). ``used``: the multipliers."""

    bound: Floats
    doubt: Floats
    used: Floats
    sharp: Flags

    @staticmethod
    def of(form: Floats, plain: Floats, facts: Floats, loose: Floats, strict: Flags, asked: Flags) -> "_Side":
        """``plain``: the bound without facts, for those not ``asked`` the only one. ``loose``, (n, facts): what
        float64 may lose with one of each."""
        found = _Side(plain.copy(), np.zeros(len(plain)), np.zeros(loose.shape), np.zeros(len(plain), dtype=np.bool_))
        rows = np.nonzero(asked)[0]
        if len(rows):
            part = _Side._with_all(form[rows], plain[rows], facts[rows], loose[rows], strict[rows])
            found.bound[rows], found.doubt[rows] = part.bound, part.doubt
            found.used[rows], found.sharp[rows] = part.used, part.sharp
        return found

    @staticmethod
    def _with_all(form: Floats, plain: Floats, facts: Floats, loose: Floats, strict: Flags) -> "_Side":
        bound, used = best_multipliers(form, facts)
        near = (bound >= 0.0) & (bound < (used * loose).sum(axis=1))
        if near.any():
            exact = facts[near] * (loose[near] == 0.0)[:, :, None]
            bound[near], used[near] = best_multipliers(form[near], exact)
        strictly = np.nonzero((bound == 0.0) & ~((used > 0.0) & strict).any(axis=1) & strict.any(axis=1))[0]
        if len(strictly):
            raised = facts[strictly]
            raised[..., -1] -= _RAISE * np.abs(raised).max(axis=2) * strict[strictly]
            sharper = best_multipliers(form[strictly], raised)[1]
            still = minimum(form[strictly] - np.einsum("nf,nfk->nk", sharper, facts[strictly])) == 0.0
            used[strictly[still]] = sharper[still]
        used[(bound < plain) | ((bound == plain) & ~((used > 0.0) & strict).any(axis=1))] = 0.0
        sharp: Flags = np.logical_or.reduce((used > 0.0) & strict, axis=1)
        return _Side(np.maximum(bound, plain), (used * loose).sum(axis=1), used, sharp)

    def halves(self) -> tuple["_Side", "_Side"]:
        """The first half of the comparisons, and the second."""
        cut = len(self.bound) // 2
        first, second = slice(None, cut), slice(cut, None)
        return self._part(first), self._part(second)

    def _part(self, rows: slice) -> "_Side":
        return _Side(self.bound[rows], self.doubt[rows], self.used[rows], self.sharp[rows])


def _with_facts(
    state: Forms, group: Group, sides: Pair, ends: Pair, doubt: Floats, step: Floats, truth: Signs, undefined: Flags
) -> None:
    """Try multipliers where a comparison is undecided; decisions go into ``truth``, bounds into ``ends``."""
    facts = state.facts
    if facts is None:
        return
    state.fill_facts(group.level)
    present: Flags = np.logical_or.reduce(facts.present, axis=1, keepdims=True).T
    unclear = (truth == 0) & ~undefined & present
    if state.wanted is not None:
        unclear &= state.wanted[group.out][:, None] & (state.known[group.out] == 0)
        unclear &= ~(state.loose & (np.add.reduce(unclear, axis=0) > _MANY))
    rows, boxes = np.nonzero(unclear)
    if not len(rows):
        return
    nodes = state.plan.truth_nodes[group.out[rows]][:, None]
    before = ~facts.inside[group.out[rows], boxes][:, None] | (facts.last[boxes] < nodes)
    usable = facts.present[boxes] & before & (facts.own[boxes] != nodes)
    forms = facts.forms[boxes] * usable[:, :, None]
    loose = state.margin * 2.0**-48 * np.abs(forms).sum(axis=2) * facts.inexact[boxes]
    strict = facts.strict[boxes]
    low, high = _Side.of(
        np.concatenate([sides[0][rows, boxes], -sides[1][rows, boxes]]),
        np.concatenate([ends[0][rows, boxes], -ends[1][rows, boxes]]),
        np.concatenate([forms, forms]),
        np.concatenate([loose, loose]),
        np.concatenate([strict, strict]),
        _asked(state, group, rows, boxes),
    ).halves()
    own = doubt[rows, boxes]
    decided = _decide(
        group.args[2][rows],
        (low.bound[:, None], -high.bound[:, None]),
        ((own + low.doubt)[:, None], (own + high.doubt)[:, None]),
        step[rows, boxes][:, None],
        (low.sharp[:, None], high.sharp[:, None]),
    )[:, 0]
    ends[0][rows, boxes], ends[1][rows, boxes] = low.bound, -high.bound
    for i in np.nonzero(decided)[0]:
        row, box = int(rows[i]), int(boxes[i])
        truth[row, box] = decided[i]
        if state.known[group.out[row], box] == decided[i]:
            continue
        above = bool(low.bound[i] - own[i] - low.doubt[i] >= 0.0)
        needed = _needed(int(group.args[2][row]), bool(decided[i] > 0), above)
        for side, used in (("low", low.used[i]), ("high", high.used[i])):
            if side not in needed:
                continue
            parts = tuple((int(f), float(used[f])) for f in np.nonzero(used)[0])
            if parts:
                state.multipliers.append((box, Multiplier(int(group.out[row]), side, parts)))


def _asked(state: Forms, group: Group, rows: Rows, boxes: Rows) -> Flags:
    """Which lower bounds, then which upper bounds, of these comparisons can lead anywhere; an equality needs both."""
    if state.useful is None:
        return np.ones(2 * len(rows), dtype=np.bool_)
    out = group.out[rows]
    known, equality = state.known[out, boxes], group.args[2][rows] == 2
    true, false = (marks[out] | (known == sign) for marks, sign in zip(state.useful, (-1, 1), strict=True))
    return np.concatenate([true | equality, false | equality])


def _needed(op: int, truth: bool, above: bool) -> tuple[str, ...]:  # noqa: FBT001
    """Which bounds of d a decision rests on. The other one must stay as it is: with facts it could prove the opposite
    too."""
    if op == 2:
        return ("low", "high") if truth else ("low",) if above else ("high",)
    return ("low",) if truth else ("high",)


def conclude(state: Forms, out: Rows, truth: Signs) -> None:
    """Store truth values, meeting what is known: a difference closes the box."""
    known = state.known[out]
    state.contradiction |= (truth * known < 0).any(axis=0)
    state.truth[out] = np.where(known != 0, known, truth)


def connective(state: Forms, group: Group) -> None:
    """and, or, not, bool."""
    out = group.out
    if group.op == "bool":
        value = np.array([1 if state.plan.graph.nodes[m].truth else -1 for m in group.args[0]], dtype=np.int8)[:, None]
        truth = np.broadcast_to(value, state.truth[out].shape)
        low = high = truth * CERTAIN
    elif group.op == "not":
        truth = -state.truth[group.args[0]]
        low, high = -state.gap_high[group.args[0]], -state.gap_low[group.args[0]]
    elif not group.args:
        sign = 1 if group.op == "and" else -1
        truth = np.full(state.truth[out].shape, sign, dtype=np.int8)
        low = high = truth * CERTAIN
    else:
        pick = np.minimum if group.op == "and" else np.maximum
        truth, low, high = (
            pick.reduce([table[rows] for rows in group.args]) for table in (state.truth, state.gap_low, state.gap_high)
        )
    conclude(state, out, truth)
    state.gap_low[out], state.gap_high[out] = low, high
