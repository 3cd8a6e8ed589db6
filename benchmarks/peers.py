"""Other people's solvers on the same claims. Each is asked for a point that breaks the claim, over the reals of the
unit square (a stronger claim than ours over the grid of 10^12 points, and true as well), and answers in its own way.

    python benchmarks/peers.py z3 32 square      one line of JSON: verdict, seconds, cpu, detail

The seconds are those of building the query and solving it, without importing the solver.
"""

# ruff: noqa: PLC0415  each solver is imported only where it runs, so that none is needed for another
import importlib
import json
import sys
import time
from collections.abc import Callable
from fractions import Fraction

import numpy as np
from problems import Problem, interval_bounds, problem

Answer = tuple[str, str]


def _affine_text(weights: list[Fraction], names: list[str], bias: Fraction) -> str:
    terms = [f"(* {_rational(w)} {n})" for w, n in zip(weights, names, strict=True) if w]
    return f"(+ {_rational(bias)} {' '.join(terms)} 0.0)"


def _rational(value: Fraction) -> str:
    text = f"(/ {abs(value.numerator)}.0 {value.denominator}.0)"
    return f"(- {text})" if value < 0 else text


def smtlib(p: Problem) -> str:
    """The negated claim in SMT-LIB 2, weights exact."""
    lines = ["(set-logic QF_LRA)"]
    for name in ("x_1", "x_2"):
        lines += [f"(declare-const {name} Real)", f"(assert (<= 0.0 {name} 1.0))"]
    if p.domain == "diagonal":
        lines.append("(assert (= x_1 x_2))")
    names = ["x_1", "x_2"]
    for k, (w, b) in enumerate(p.layers):
        fresh = [f"h_{k}_{j}" for j in range(w.shape[1])]
        for j, name in enumerate(fresh):
            z = _affine_text([Fraction(float(v)) for v in w[:, j]], names, Fraction(float(b[j])))
            value = z if k == len(p.layers) - 1 else f"(let ((z {z})) (ite (>= z 0.0) z 0.0))"
            lines += [f"(declare-const {name} Real)", f"(assert (= {name} {value}))"]
        names = fresh
    difference = f"(- {names[0]} (ite (>= x_1 x_2) x_1 x_2))"
    eps = _rational(p.eps)
    lines.append(f"(assert (or (> {difference} {eps}) (< {difference} (- {eps}))))")
    return "\n".join(lines)


def with_z3(p: Problem) -> Answer:
    """z3, one thread."""
    import z3

    solver = z3.Solver()
    solver.from_string(smtlib(p))
    found = str(solver.check())
    return {"unsat": "holds", "sat": "fails"}.get(found, "no answer"), found


def with_cvc5(p: Problem) -> Answer:
    """cvc5."""
    import cvc5

    terms = cvc5.TermManager()
    solver = cvc5.Solver(terms)
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, smtlib(p) + "\n(check-sat)\n", "claim")
    found = ""
    while not (command := parser.nextCommand()).isNull():
        found += str(command.invoke(solver, parser.getSymbolManager()) or "").strip()
    return {"unsat": "holds", "sat": "fails"}.get(found, "no answer"), found


def with_highs(p: Problem) -> Answer:
    """HiGHS on the big-M encoding in float64: the largest and the least difference on each side of the diagonal."""
    import highspy

    worst = 0.0
    sides = (0,) if p.domain == "diagonal" else (0, 1)
    for larger in sides:
        for sign in (1, -1):
            h = highspy.Highs()
            h.silent()
            h.setOptionValue("threads", 1)
            x = [h.addVariable(0, 1), h.addVariable(0, 1)]
            if p.domain == "diagonal":
                h.addConstr(x[0] == x[1])
            else:
                h.addConstr(x[larger] >= x[1 - larger])
            values = list(x)
            for (w, b), (low, high) in zip(p.layers[:-1], interval_bounds(p.layers), strict=False):
                fresh = []
                for j in range(w.shape[1]):
                    if high[j] <= 0:
                        fresh.append(h.addVariable(0, 0))
                        continue
                    z = sum(float(w[i, j]) * values[i] for i in range(len(values))) + float(b[j])
                    v = h.addVariable(0, float(high[j]))
                    h.addConstr(v >= z)
                    if low[j] >= 0:
                        h.addConstr(v <= z)
                    else:
                        on = h.addBinary()
                        h.addConstr(v <= z - float(low[j]) * (1 - on))
                        h.addConstr(v <= float(high[j]) * on)
                    fresh.append(v)
                values = fresh
            w, b = p.layers[-1]
            output = sum(float(w[i, 0]) * values[i] for i in range(len(values))) + float(b[0])
            h.maximize(sign * (output - x[larger]))
            if h.getModelStatus() != highspy.HighsModelStatus.kOptimal:
                return "no answer", h.modelStatusToString(h.getModelStatus())
            worst = max(worst, h.getInfo().mip_dual_bound)
    return ("holds" if worst <= float(p.eps) else "fails"), f"greatest difference {worst:.7f}"


def with_marabou(p: Problem) -> Answer:
    """maraboupy in float64; a point that it returns is run through the network."""
    from maraboupy import Marabou, MarabouNetwork

    for sign in (1, -1):
        network = MarabouNetwork.MarabouNetwork()
        new = network.getNewVariable
        x = [new(), new()]
        for v in x:
            network.setLowerBound(v, 0.0)
            network.setUpperBound(v, 1.0)
        if p.domain == "diagonal":
            network.addEquality(x, [1.0, -1.0], 0.0)
        values = list(x)
        for k, (w, b) in enumerate(p.layers):
            fresh = []
            for j in range(w.shape[1]):
                z = new()
                network.addEquality([*values, z], [*w[:, j].tolist(), -1.0], -float(b[j]))
                if k < len(p.layers) - 1:
                    v = new()
                    network.addRelu(z, v)
                    fresh.append(v)
                else:
                    fresh.append(z)
            values = fresh
        behind, ahead = new(), new()
        network.addEquality([x[1], x[0], behind], [1.0, -1.0, -1.0], 0.0)
        network.addRelu(behind, ahead)
        network.addInequality([values[0], x[0], ahead], [-float(sign), float(sign), float(sign)], -float(p.eps))
        network.inputVars, network.outputVars = [np.array(x)], [np.array(values)]
        code, model, _ = network.solve(verbose=False, options=Marabou.createOptions(verbosity=0, numWorkers=1))
        if code == "sat":
            point = np.array([[model[x[0]], model[x[1]]]])
            error = p.error(point)[0]
            true = "true" if error > float(p.eps) else "spurious"
            return "fails", f"{true} witness {point[0].tolist()}, error {error:.6f}"
        if code != "unsat":
            return "no answer", str(code)
    return "holds", "unsat"


def with_brute_force(p: Problem) -> Answer:
    """numpy in float64: all points of the diagonal; on the square, 2 million points, scaled to 10^12."""
    if p.domain == "diagonal":
        line = np.arange(1_000_001) / 1_000_000
        worst = max(p.error(np.stack([part, part], axis=1)).max() for part in np.array_split(line, 50))
        return ("holds" if worst <= float(p.eps) else "fails"), "all points run, unchecked float64"
    start = time.perf_counter()
    random = np.random.default_rng(0)
    for _ in range(100):
        p.error(random.random((20_000, 2)))
    days = (time.perf_counter() - start) / 2e6 * 1e12 / 86_400
    return "not run", f"about {days:.1f} days for 10^12 points"


PEERS: dict[str, Callable[[Problem], Answer]] = {
    "z3": with_z3,
    "cvc5": with_cvc5,
    "HiGHS": with_highs,
    "maraboupy": with_marabou,
    "brute force": with_brute_force,
}


def _warm(name: str) -> None:
    module = {"z3": "z3", "cvc5": "cvc5", "HiGHS": "highspy", "maraboupy": "maraboupy.Marabou"}.get(name)
    if module:
        importlib.import_module(module)


if __name__ == "__main__":
    solver, width, domain = sys.argv[1:4]
    claim = problem(int(width), domain)  # type: ignore[arg-type]
    _warm(solver)
    begun, cpu = time.perf_counter(), time.process_time()
    verdict, detail = PEERS[solver](claim)
    cost = {"seconds": time.perf_counter() - begun, "cpu": time.process_time() - cpu}
    print(json.dumps({"verdict": verdict, **cost, "detail": detail}))
