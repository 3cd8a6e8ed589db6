"""Correct specs read completely."""

from fractions import Fraction
from pathlib import Path

import pytest
from spec_cases import completed

from mechverify.errors import SpecError
from mechverify.spec.expression.syntax import Span
from mechverify.spec.files import missing_files
from mechverify.spec.read import read_spec
from mechverify.spec.sentence import claim_sentence
from mechverify.spec.spec import Site, SiteDirection, SiteUnits, Spec
from mechverify.spec.text import expression_text

HERE = Path(__file__).parent


def read(tmp_path: Path, text: str, **settings: str) -> Spec:
    path = tmp_path / "case.yaml"
    path.write_text(completed(text), encoding="utf-8")
    return read_spec(path, settings=settings)


def test_the_design_example() -> None:
    spec = read_spec(HERE / "design.yaml")
    assert spec.title == "When both inputs are equal, the network doubles the first"
    assert spec.summary == "One paragraph for a reader who knows no machine learning."
    (model,) = spec.models
    assert (model.name, model.kind, model.location, model.arithmetic) == (
        "network",
        "onnx",
        "models/double.onnx",
        "float32",
    )
    assert [(f.model_input, f.value.text) for f in model.feed] == [("x", "[x_1 / 1000000, x_2 / 1000000]")]
    assert [(i.name, i.kind, i.low, i.high) for i in spec.inputs] == [
        ("x_1", "integers", 0, 1000000),
        ("x_2", "integers", 0, 1000000),
    ]
    assert [(p.name, p.condition.text) for p in spec.preconditions] == [("same", "x_1 == x_2")]
    difference, answer = spec.variables
    assert (difference.says, answer.says) == ("how far apart the two inputs are", "the number it prints")
    assert answer.value is not None
    assert answer.value.text == "2 * x_1 if difference == 0 else 0"
    assert difference.located_at == SiteUnits("network", "hidden", (0,), "hidden[0]", Span(20, 19))
    assert difference.read_as is not None
    assert difference.read_as.text == "it * 1000000"
    assert spec.cases == ("difference",)
    kinds = [(c.name, c.kind, c.expect, c.without, tuple(u.key for u in c.parts)) for c in spec.claims]
    assert kinds == [
        ("doubles", "always", "proved", (), ()),
        ("difference_unit", "always", "proved", ("same",), ("interchange",)),
        ("sometimes_right", "usually", "proved", ("same",), ("usually",)),
        ("mean_error", "on_average", "proved", (), ("on_average",)),
        ("only_when_equal", "always", "refuted", ("same",), ()),
        ("each_input", "always", "proved", (), ()),
    ]
    assert spec.claims[1].parts[0].names == ("difference",)
    assert [(a.name, a.condition.text) for a in spec.claims[1].also] == [("apart", "x_1 - x_2 > 10")]
    assert spec.claims[2].probability == Fraction(1, 1000)
    assert [(f.name, f.values) for f in spec.claims[5].families] == [("i", (0, 1, 2, 3))]


def test_sentences_of_the_design_example() -> None:
    spec = read_spec(HERE / "design.yaml")
    domain = "all integers x_1, x_2 from 0 to 1,000,000"
    agreement = "abs(network.answer - answer) <= 0.25."
    assert [claim_sentence(spec, c) for c in spec.claims] == [
        f"For {domain} with x_1 == x_2: {agreement}",
        f"For {domain} with x_1 - x_2 > 10, with difference transplanted from other such inputs: {agreement}",
        f"Of {domain}, at least a share of 0.001 has: {agreement}",
        f"On average over {domain} with x_1 == x_2: (network.answer - answer) ** 2 <= 0.01.",
        f"For {domain}: {agreement}",
        f"For each i from 0 to 3, for {domain} with x_1 == x_2: abs(network.answer - answer) <= i + 1.",
    ]


def test_sentences_of_other_kinds(tmp_path: Path) -> None:
    spec = read(
        tmp_path,
        "inputs:\n  r: {reals: -0.5 .. 1e3}\n  o: {one_of: [1, 5]}\n  t: {integers: 0 .. 9, shape: [2, 3]}\n"
        "preconditions:\n  some: r > 0 or o == 5\nmodel: {onnx: m.onnx}\n"
        "explanation: {variables: {a: {value: r, located_at: h}, b: {located_at: g}}}\n"
        "claims:\n  quiet: {ignores: [a, b], tolerance: 0.1, resample: [o, rest]}\n  all_of_it: {faithful: true}\n",
    )
    domain = (
        "all real numbers r from -0.5 to 1,000 and all numbers o in {1, 5} "
        "and all integers t[0][0], ..., t[1][2] from 0 to 9 with (r > 0 or o == 5)"
    )
    quiet, everything = (claim_sentence(spec, c) for c in spec.claims)
    assert quiet == (
        f"For {domain}, with o and all that the explanation does not name (together) taken from any other such run: "
        "what the network says of a and b does not change by more than 0.1."
    )
    assert everything == (
        f"For {domain}, with any of r and a transplanted from other such inputs, and with all that the explanation does "
        "not name (together) taken from any other such run: network and explanation agree exactly on a."
    )


def test_every_subset_is_a_claim(tmp_path: Path) -> None:
    spec = read(
        tmp_path,
        "inputs:\n  x: {integers: 0 .. 3}\n  y: {integers: 0 .. 3}\nmodel: {onnx: m.onnx}\n"
        "explanation: {variables: {a: {value: x + 1, located_at: h}, step: {value: a * 2}}}\n"
        "claims:\n  swap: {interchange: all, always: network.a == a, also: {p: x == y}}\n",
    )
    assert [(c.name, c.group) for c in spec.claims] == [
        (f"swap[{names}]", "swap") for names in ("nothing", "x", "a", "x, a")
    ]
    assert [[p.names for p in c.parts] for c in spec.claims] == [[], [("x",)], [("a",)], [("x", "a")]]


def test_numbers_are_exact(tmp_path: Path) -> None:
    spec = read(tmp_path, "inputs:\n  x: {reals: 0.1 .. 1_000.5e-1}\n  y: {one_of: [1e-3, 1/3, -2]}\n")
    assert (spec.inputs[0].low, spec.inputs[0].high) == (Fraction(1, 10), Fraction(10005, 100))
    assert spec.inputs[1].values == (Fraction(1, 1000), Fraction(1, 3), Fraction(-2))


def test_parameters_and_settings(tmp_path: Path) -> None:
    text = "parameters: {n: 5, m: 2 * n}\ninputs:\n  x: {integers: 0 .. m - 1, shape: [n]}\n"
    spec = read(tmp_path, text)
    assert (spec.parameters, spec.inputs[0].high, spec.inputs[0].shape) == ((("n", 5), ("m", 10)), 9, (5,))
    spec = read(tmp_path, text, n="64")
    assert (spec.parameters, spec.inputs[0].high, spec.inputs[0].shape) == ((("n", 64), ("m", 128)), 127, (64,))
    assert read(tmp_path, text, m="1/2 + 3.5").parameters[1] == ("m", 4)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("k", "3", "--set k: the spec has no parameter 'k'"),
        ("n", "three", "--set n=three: the value is a number"),
        ("n", "m", "--set n=m: the value is a number"),
        ("n", "", "expected an expression, found nothing"),
        ("n", "1e999999999", "the exponent of a number is at most 400 in magnitude"),
        ("n", "9**9**9**9", "the exponent of \\*\\* is an integer"),
        ("n", "1/0", "division by zero"),
        ("n", "__import__('os')", "not part of the expression language"),
    ],
)
def test_settings_that_are_refused(tmp_path: Path, name: str, value: str, message: str) -> None:
    with pytest.raises(SpecError, match=message):
        read(tmp_path, "parameters: {n: 5, m: 1}\n", **{name: value})


def test_setting_without_parameters(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="it has no parameters"):
        read(tmp_path, "title: none\n", n="3")


def sites(spec: Spec, name: str) -> tuple[Site | None, ...]:
    variable = next(v for v in spec.variables if v.name == name)
    return tuple(variable.site_in(m.name) for m in spec.models)


def test_sites(tmp_path: Path) -> None:
    spec = read(
        tmp_path,
        """parameters: {k: 3}
explanation:
  variables:
    a: {located_at: /layer.1/Relu_output_0}
    b:
      located_at: attn#2[0, k:, ::2][-1]
    c:
      located_at: {direction: [0.6, -1/3], of: "h[0:k - 1]"}
""",
    )
    (a,), (b,), (c,) = (sites(spec, n) for n in "abc")
    assert isinstance(a, SiteUnits)
    assert (a.activation, a.indices) == ("/layer.1/Relu_output_0", ())
    assert isinstance(b, SiteUnits)
    assert (b.activation, b.indices) == ("attn#2", (0, (3, None, None), (None, None, 2), -1))
    assert isinstance(c, SiteDirection)
    assert (c.direction, c.of.indices) == ((Fraction(3, 5), Fraction(-1, 3)), ((0, 2, None),))


def test_several_models(tmp_path: Path) -> None:
    spec = read(
        tmp_path,
        """!bare
models:
  network: {onnx: a.onnx, origin: " made by hand "}
  other: {program: "b.py:f"}
inputs: {x: {integers: 0 .. 3}}
explanation:
  variables:
    plain: {located_at: output}
    named: {located_at: {other: y, network: y}}
claims:
  c: {always: network.plain == other.plain and network.named == other.named}
""",
    )
    assert [m.arithmetic for m in spec.models] == ["float32", "integer"]
    assert [m.origin for m in spec.models] == ["made by hand", None]

    def shown(name: str) -> list[tuple[str, str] | None]:
        return [(s.model, s.activation) if isinstance(s, SiteUnits) else None for s in sites(spec, name)]

    assert shown("plain") == [("network", "output"), ("other", "output")]
    assert shown("named") == [("network", "y"), ("other", "y")]


def test_expressions_in_every_style(tmp_path: Path) -> None:
    spec = read(
        tmp_path,
        """preconditions:
  plain: x_1 > 1
    and x_2 > 2
  folded: >-
    x_1 > 1
    and x_2 > 2
  literal: |

    x_1 > 1

      and x_2 > 2
  double: "x_1 > 1 \\
    and x_2 > 2"
  single: 'x_1 > 1

    and x_2 > 2'
""",
    )
    assert {expression_text(p.condition.expression) for p in spec.preconditions} == {"x_1 > 1 and x_2 > 2"}
    assert {p.condition.text for p in spec.preconditions} == {"x_1 > 1 and x_2 > 2"}


def test_lists_as_expressions(tmp_path: Path) -> None:
    spec = read(
        tmp_path,
        """model:
  onnx: m.onnx
  feed:
    flow: [x_1 / 2, [x_2][0]]
    loop: [x_1 + i for i in range(3)]
    quoted: ["v[0]", 'v[1]']
    block:
      - v[2]
      - max(x_1, x_2)
    text: v[1:][::-1]
""".replace("[x_2][0]", "x_2"),
    )
    assert [expression_text(f.value.expression) for f in spec.models[0].feed] == [
        "[x_1 / 2, x_2]",
        "[x_1 + i for i in range(3)]",
        "[v[0], v[1]]",
        "[v[2], max(x_1, x_2)]",
        "v[1:][::-1]",
    ]


def test_truth_values_and_vectors_compare(tmp_path: Path) -> None:
    read(tmp_path, "preconditions: {c: (x_1 > 1) == (x_2 > 1), d: true, e: not False}\n")
    read(tmp_path, "preconditions:\n  c: v == [1, 2, 3, x_1] != v[::-1]\nclaims:\n  d: {always: network.seen == v}\n")


def test_missing_files(tmp_path: Path) -> None:
    (tmp_path / "here.safetensors").write_bytes(b"")
    spec = read(
        tmp_path,
        "!bare\ninputs: {x: {integers: 0 .. 1}}\nmodels:\n  a: {onnx: a.onnx}\n"
        '  b: {program: "b.py:f"}\n  c: {torch: "m:f", weights: here.safetensors}\n',
    )
    assert [(d.line, d.column, d.message) for d in missing_files(spec)] == [
        (3, 13, f"no such file: 'a.onnx' in the folder {tmp_path}"),
        (4, 17, f"no such file: 'b.py' in the folder {tmp_path}"),
    ]
    assert missing_files(spec, ("a", "b")) == ()


def test_order_of_variables_is_that_of_the_text(tmp_path: Path) -> None:
    spec = read(tmp_path, "explanation: {variables: {b: {value: a + 1}, a: {value: x_1}}}\n")
    assert [v.name for v in spec.variables] == ["b", "a"]


def test_links_out_of_the_folder_are_followed_and_refused(tmp_path: Path) -> None:
    folder = tmp_path / "specs"
    folder.mkdir()
    (tmp_path / "m.onnx").write_bytes(b"")
    (folder / "m.onnx").symlink_to(tmp_path / "m.onnx")
    with pytest.raises(SpecError, match="outside the spec's folder"):
        read(folder, "model: {onnx: m.onnx}\n")


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("[x_1 == x_2, x_1 > 3]", "x_1 == x_2 and x_1 > 3"),
        ('["x_1 == x_2 or x_1 > 3", not (x_2 == 1)]', "(x_1 == x_2 or x_1 > 3) and not x_2 == 1"),
        ("\n      - max(x_1, x_2) > 3\n      - x_1 > 3\n", "max(x_1, x_2) > 3 and x_1 > 3"),
        ("[x_1 > 3]", "x_1 > 3"),
        ("'[x_1 > 3, x_2 > 3]'", "x_1 > 3 and x_2 > 3"),
    ],
)
def test_a_list_of_conditions_means_all_of_them(tmp_path: Path, written: str, text: str) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(completed(f"preconditions:\n  p: {written}\nclaims:\n  c:\n    always: {written}\n"))
    spec = read_spec(path)
    (claim,) = spec.claims
    for source in (claim.condition, spec.preconditions[0].condition):
        assert source is not None
        assert expression_text(source.expression) == source.text == text


def test_a_range_for_each_element(tmp_path: Path) -> None:
    spec = read(
        tmp_path,
        "parameters: {n: 3}\ninputs:\n  x_1: {integers: 0 .. 1}\n  x_2: {integers: 0 .. 1}\n"
        "  v: {integers: [0 .. n, 5 .. 9, 5 .. 9]}\n  t: {reals: [[0 .. 1, 0 .. 0.5], [-1 .. 1, 2 .. n]], shape: [2, 2]}\n"
        "  w: {integers: [0 .. 1, 0 .. 2, 0 .. 3, 0 .. 4, 0 .. 5, 0 .. 6, 0 .. 7, 0 .. 8, 0 .. 9]}\n"
        "claims:\n  c:\n    always: x_1 + v[2] >= 5\n",
    )
    _, _, v, t, w = spec.inputs
    assert (v.shape, v.low, v.high, v.bounds(0), v.bounds(2)) == ((3,), 0, 9, (0, 3), (5, 9))
    assert (t.shape, t.low, t.high, t.bounds(1), t.bounds(3)) == ((2, 2), -1, 3, (0, Fraction(1, 2)), (2, 3))
    assert w.bounds(8) == (0, 9)
    assert claim_sentence(spec, spec.claims[0]) == (
        "For all integers x_1, x_2 from 0 to 1 and all integers v[0] from 0 to 3 and all integers v[1], v[2] from 5 to "
        "9 and all real numbers t[0][0] from 0 to 1 and all real numbers t[0][1] from 0 to 0.5 and all real numbers "
        "t[1][0] from -1 to 1 and all real numbers t[1][1] from 2 to 3 and all integers w[0], ..., w[8] in ranges of "
        "their own, from 0 to 9: x_1 + v[2] >= 5."
    )


def test_an_unknown_name_is_one_mistake_with_all_its_places(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(
        "mechverify: 1\ntitle: t\nmodel: {program: 'p.py:f'}\ninputs: {x: {integers: 0 .. 3}}\n"
        "explanation: {variables: {y: {located_at: output, value: zz + 1}, w: {value: x - zz}}}\n"
        "claims:\n  c: {always: zz <= zz and network.q == 1}\n  d: {always: network.q == aa}\n"
    )
    with pytest.raises(SpecError) as told:
        read_spec(path)
    assert [(d.line, d.column, d.message) for d in told.value.diagnostics] == [
        (5, 58, "there is no 'zz' here"),
        (7, 28, "there is no variable 'q' in the explanation"),
        (8, 28, "there is no 'aa' here"),
    ]
    hints = [d.hint or "" for d in told.value.diagnostics]
    assert hints[0].endswith("; the same at 5:82, 7:15 and 7:21")
    assert hints[1].endswith("; the same at 8:15")
    assert "the same" not in hints[2]
