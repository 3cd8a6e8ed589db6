// A claim's graph (docs/kernel.md, "Problem") evaluated at one input.
// A value is a JS number (a float32), {n, d} (an exact fraction), {x} (a float64 near an irrational number),
// true, false, or null: it has no value.
"use strict";
const Compute = (() => {
  const ZERO = { n: 0n, d: 1n };
  const big = (x) => x < 0n ? -x : x;

  function gcd(a, b) {
    while (b) [a, b] = [b, a % b];
    return a;
  }

  function fraction(n, d) {
    if (d < 0n) { n = -n; d = -d; }
    if (d === 1n) return { n, d };
    if (n === 0n) return ZERO;
    if ((d & (d - 1n)) === 0n) {
      let k = 0n;
      while (((n >> k) & 1n) === 0n && (d >> k) > 1n) k += 1n;
      return { n: n >> k, d: d >> k };
    }
    const g = gcd(big(n), d);
    return { n: n / g, d: d / g };
  }

  function parse(text) {
    const dyadic = /^(-?\d+)p(-?\d+)$/.exec(text);
    if (dyadic) {
      const e = BigInt(dyadic[2]);
      return e < 0n ? fraction(BigInt(dyadic[1]), 1n << -e) : fraction(BigInt(dyadic[1]) << e, 1n);
    }
    const [n, d] = text.split("/");
    return fraction(BigInt(n), d === undefined ? 1n : BigInt(d));
  }

  // What a person types: 12, -0.5, 1e-3, 1/3. null for anything else.
  function typed(text) {
    const plain = text.trim().replace(/[\s,_]/g, "").replace(/\u2212/g, "-");
    const ratio = /^([+-]?\d{1,400})\/(\d{1,400})$/.exec(plain);
    if (ratio) return BigInt(ratio[2]) === 0n ? null : fraction(BigInt(ratio[1]), BigInt(ratio[2]));
    const number = /^([+-]?)(\d{0,400})(?:\.(\d{0,400}))?(?:[eE]([+-]?\d{1,3}))?$/.exec(plain);
    if (!number || !(number[2] || number[3])) return null;
    const places = number[3] || "";
    let n = BigInt((number[2] || "") + places);
    if (number[1] === "-") n = -n;
    const e = BigInt(number[4] || 0) - BigInt(places.length);
    return e < 0n ? fraction(n, 10n ** -e) : fraction(n * 10n ** e, 1n);
  }

  const words = new DataView(new ArrayBuffer(8));

  function exactly(x) {
    if (Number.isInteger(x)) return { n: BigInt(x), d: 1n };
    words.setFloat64(0, x);
    const bits = words.getBigUint64(0);
    const e = Number((bits >> 52n) & 0x7ffn);
    let m = bits & 0xfffffffffffffn;
    if (e) m |= 0x10000000000000n;
    const power = BigInt(1075 - Math.max(e, 1));
    return fraction(x < 0 ? -m : m, 1n << power);
  }

  function exact(v) {
    return typeof v === "number" ? exactly(v) : v;
  }

  function size(n) {
    return n.toString(16).length * 4;
  }

  // The float64 next to a fraction, or one beside it.
  function near(v) {
    if (typeof v === "number") return v;
    if (v.x !== undefined) return v.x;
    const low = 9007199254740992n;
    if (big(v.n) < low && v.d < low) return Number(v.n) / Number(v.d);
    const shift = 70 - (size(big(v.n)) - size(v.d));
    const q = shift >= 0 ? (big(v.n) << BigInt(shift)) / v.d : big(v.n) / (v.d << BigInt(-shift));
    const value = shift > 1000 ? (Number(q) * 2 ** -1000) * 2 ** (1000 - shift) : Number(q) * 2 ** -shift;
    return v.n < 0n ? -value : value;
  }

  function beside(f, step) {
    words.setFloat32(0, f);
    words.setInt32(0, words.getInt32(0) + step);
    return words.getFloat32(0);
  }

  // The float32 nearest to a fraction, ties to even.
  function round32(v) {
    if (typeof v === "number") return v;
    const first = Math.fround(near(v));
    if (!Number.isFinite(first)) return null;
    if (v.x !== undefined || (v.d === 1n && big(v.n) <= 9007199254740992n)) return first;
    let best = first, distance = null;
    for (const step of first === 0 ? [0] : [0, -1, 1]) {
      const f = beside(first, step);
      if (!Number.isFinite(f)) continue;
      const apart = absolute(subtract(exactly(f), v));
      const side = distance === null ? -1 : compare(apart, distance);
      words.setFloat32(0, f);
      if (side < 0 || (side === 0 && (words.getInt32(0) & 1) === 0)) { best = f; distance = apart; }
    }
    return best;
  }

  const is = (v) => v !== null && v.x !== undefined;

  function add(a, b) {
    if (is(a) || is(b)) return { x: near(a) + near(b) };
    [a, b] = [exact(a), exact(b)];
    return a.d === b.d ? fraction(a.n + b.n, a.d) : fraction(a.n * b.d + b.n * a.d, a.d * b.d);
  }

  function negative(a) {
    return typeof a === "number" ? -a : is(a) ? { x: -a.x } : { n: -a.n, d: a.d };
  }

  const subtract = (a, b) => add(a, negative(b));

  function multiply(a, b) {
    if (is(a) || is(b)) return { x: near(a) * near(b) };
    [a, b] = [exact(a), exact(b)];
    return fraction(a.n * b.n, a.d * b.d);
  }

  function divide(a, b) {
    if (compare(b, ZERO) === 0) return null;
    if (is(a) || is(b)) return { x: near(a) / near(b) };
    [a, b] = [exact(a), exact(b)];
    return fraction(a.n * b.d, a.d * b.n);
  }

  function compare(a, b) {
    if ((typeof a === "number" && typeof b === "number") || is(a) || is(b)) {
      const [p, q] = [near(a), near(b)];
      return p < q ? -1 : p > q ? 1 : 0;
    }
    [a, b] = [exact(a), exact(b)];
    const [p, q] = a.d === b.d ? [a.n, b.n] : [a.n * b.d, b.n * a.d];
    return p < q ? -1 : p > q ? 1 : 0;
  }

  const absolute = (a) => compare(a, ZERO) < 0 ? negative(a) : a;

  function floor(a) {
    if (is(a)) return { x: Math.floor(a.x) };
    a = exact(a);
    const q = a.n / a.d;
    return { n: a.n < 0n && q * a.d !== a.n ? q - 1n : q, d: 1n };
  }

  function round(a) {
    const low = floor(a);
    const side = compare(subtract(a, low), { n: 1n, d: 2n });
    const even = is(low) ? low.x % 2 === 0 : low.n % 2n === 0n;
    return side < 0 || (side === 0 && even) ? low : add(low, { n: 1n, d: 1n });
  }

  function root(a) {
    if (compare(a, ZERO) < 0) return null;
    return { x: Math.sqrt(near(a)) };
  }

  // A sum of positive terms (Abramowitz and Stegun, 7.1.6).
  function erf(x) {
    if (Math.abs(x) > 6) return Math.sign(x);
    let term = x, total = x;
    for (let n = 1; Math.abs(term) > Math.abs(total) * 1e-17; n++) total += term *= 2 * x * x / (2 * n + 1);
    return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * total;
  }

  const finite = (f) => Number.isFinite(f) ? f : null;

  function sum32(bias, weights, values) {
    let total = Math.fround(bias);
    for (let k = 0; k < values.length; k++) {
      if (weights[k] !== 0) total = Math.fround(total + Math.fround(weights[k] * values[k]));
    }
    return finite(total);
  }

  // Exact sums over one common denominator.
  function sumExact(bias, weights, values) {
    if (values.some(is)) return { x: values.reduce((t, v, k) => t + near(weights[k]) * near(v), near(bias)) };
    let bottom = 1n;
    const all = values.map(exact);
    for (const v of all) if (bottom % v.d) bottom = bottom / gcd(bottom, v.d) * v.d;
    let below = bias.d;
    for (const w of weights) if (below % w.d) below = below / gcd(below, w.d) * w.d;
    let total = bias.n * (below / bias.d) * bottom;
    for (let k = 0; k < all.length; k++) {
      total += weights[k].n * (below / weights[k].d) * all[k].n * (bottom / all[k].d);
    }
    return fraction(total, below * bottom);
  }

  function bytes(text) {
    return Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  }

  function floats(text) {
    const raw = new DataView(bytes(text).buffer);
    return Float32Array.from({ length: raw.byteLength / 4 }, (_, k) => raw.getFloat32(4 * k, true));
  }

  const comparison = (holds) => (get, node) => {
    const [a, b] = [get(node[1]), get(node[2])];
    return a === null || b === null ? null : holds(compare(a, b));
  };
  const unary = (f) => (get, node) => {
    const a = get(node[1]);
    return a === null ? null : f(a);
  };
  const binary = (f) => (get, node) => {
    const [a, b] = [get(node[1]), get(node[2])];
    return a === null || b === null ? null : f(a, b);
  };
  const product = (f, f32) => (get, node) => {
    const [a, b] = [get(node[2]), get(node[3])];
    if (a === null || b === null) return null;
    return node[1] === "float32" ? finite(Math.fround(f32(near(a), near(b)))) : f(a, b);
  };

  const OPERATIONS = {
    const: (get, node) => node.value ??= parse(node[1]),
    bool: (get, node) => node[1] === "true",
    affine: (get, node) => {
      const values = node[3].map(([, a]) => get(a));
      if (values.includes(null)) return null;
      node.weights ??= node[3].map(([w]) => parse(w));
      node.bias ??= parse(node[2]);
      if (node[1] === "exact") return sumExact(node.bias, node.weights, values);
      node.words ??= node.weights.map(near);
      return sum32(near(node.bias), node.words, values.map(near));
    },
    mul: product(multiply, (a, b) => a * b),
    div: product(divide, (a, b) => a / b),
    relu: unary((a) => compare(a, ZERO) < 0 ? (typeof a === "number" ? 0 : ZERO) : a),
    abs: unary(absolute),
    max: binary((a, b) => compare(a, b) < 0 ? b : a),
    min: binary((a, b) => compare(a, b) > 0 ? b : a),
    floor: unary(floor),
    round: unary(round),
    ite: (get, node) => {
      const [c, a, b] = [get(node[1]), get(node[2]), get(node[3])];
      if (c !== null) return c ? a : b;
      return a !== null && b !== null && compare(a, b) === 0 ? a : null;
    },
    table: (get, node, program) => {
      const index = get(node[2]);
      if (index === null) return null;
      const table = program.tables[node[1]];
      const [k, length] = [near(index), table.length];
      if (!Number.isInteger(k) || k < 0 || k >= length) return null;
      return typeof table[k] === "string" ? parse(table[k]) : table[k];
    },
    sqrt: unary(root),
    exp: unary((a) => ({ x: Math.exp(near(a)) })),
    log: unary((a) => compare(a, ZERO) > 0 ? { x: Math.log(near(a)) } : null),
    tanh: unary((a) => ({ x: Math.tanh(near(a)) })),
    sigmoid: unary((a) => ({ x: 1 / (1 + Math.exp(-near(a))) })),
    erf: unary((a) => ({ x: erf(near(a)) })),
    round32: unary(round32),
    le: comparison((side) => side <= 0),
    lt: comparison((side) => side < 0),
    eq: comparison((side) => side === 0),
    and: (get, node) => {
      const args = node[1].map(get);
      return args.includes(false) ? false : args.includes(null) ? null : true;
    },
    or: (get, node) => {
      const args = node[1].map(get);
      return args.includes(true) ? true : args.includes(null) ? null : false;
    },
    not: (get, node) => {
      const a = get(node[1]);
      return a === null ? null : !a;
    },
  };

  // blocks: the page's matrices of weights in base64, which its claims share.
  function prepare(problem, blocks) {
    const matrices = (problem.blocks || []).map(([columns, k]) => ({ columns, words: blocks[k] }));
    const tables = (problem.tables || []).map((t) => typeof t === "string" ? floats(t) : t);
    return { nodes: problem.nodes, matrices, tables };
  }

  function rows(program, node, values, get) {
    const [, rounding, k, biases, args] = node;
    const { columns, words } = program.matrices[k];
    const given = args.map(get);
    const lost = given.includes(null);
    const plain = rounding === "float32" && !lost ? given.map(near) : null;
    for (let i = 0; i < biases.length; i++) {
      const row = words.subarray(i * columns, (i + 1) * columns);
      const bias = parse(biases[i]);
      if (lost) values.push(null);
      else if (plain) values.push(sum32(near(bias), row, plain));
      else values.push(sumExact(bias, Array.from(row, exactly), given));
    }
  }

  // The value of every node; point: a fraction for each input.
  function run(program, point) {
    const values = [];
    const get = (k) => values[k];
    for (const node of program.nodes) {
      if (node[0] === "input") values.push(point[node[1]]);
      else if (node[0] === "rows") rows(program, node, values, get);
      else values.push(OPERATIONS[node[0]](get, node, program));
    }
    return values;
  }

  function group(digits) {
    return digits.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  }

  // A value for people.
  function text(v) {
    if (v === null || v === undefined) return "no value";
    if (v === true || v === false) return v ? "yes" : "no";
    if (typeof v !== "number" && v.d === 1n) {
      const digits = big(v.n).toString();
      return (v.n < 0n ? "-" : "") + (digits.length > 30 ? near(v).toExponential(6) : group(digits));
    }
    const x = near(v);
    if (Number.isInteger(x) && Math.abs(x) < 1e15) return (x < 0 ? "-" : "") + group(String(Math.abs(x)));
    const short = String(Number(x.toPrecision(9)));
    return (typeof v === "number" || (!is(v) && compare(typed(short), v) === 0) ? "" : "≈ ") + short;
  }

  // A fraction as it can be typed.
  function plain(v) {
    return v.d === 1n ? String(v.n) : `${v.n}/${v.d}`;
  }

  return { parse, typed, fraction, prepare, run, text, plain, compare, subtract, absolute, add, multiply, near, floats, OPERATIONS };
})();
if (typeof module !== "undefined") module.exports = Compute;
