// "Try it yourself": a form for each claim that the page can compute, and what network and explanation say.
"use strict";
const Play = (() => {
  const MOST_FIELDS = 16;

  function make(tag, attributes = {}, ...inside) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...inside);
    return element;
  }

  // The part of the map that a point lies in; null where none is known to have it.
  function regionOf(regions, values) {
    return regions.find((one) => one.where.every(([terms, relation, bound]) => {
      let total = Compute.parse("0");
      for (const [place, weight] of terms) {
        total = Compute.add(total, Compute.multiply(Compute.parse(weight), values[place]));
      }
      const side = Compute.compare(total, Compute.parse(bound));
      return { "<=": side <= 0, "<": side < 0, ">=": side >= 0, ">": side > 0, "==": side === 0 }[relation];
    })) || null;
  }

  function same(a, b) {
    if (a === null || b === null) return false;
    if (typeof a === "boolean" || typeof b === "boolean") return a === b;
    return Compute.compare(a, b) === 0;
  }

  function told(values) {
    return values.length === 1 ? Compute.text(values[0]) : `[${values.map(Compute.text).join(", ")}]`;
  }

  // How far apart what is said of one number is; "no" of anything else.
  function apart(row, values) {
    const says = [...row.models.map(([, nodes]) => nodes), ...(row.explanation ? [row.explanation] : [])];
    const said = says.map((nodes) => values[nodes[0]]);
    if (says.some((nodes) => nodes.length !== 1) || said.some((v) => v === null || typeof v === "boolean")) return "no";
    const sorted = said.sort(Compute.compare);
    return `apart by ${Compute.text(Compute.subtract(sorted.at(-1), sorted[0]))}`;
  }

  // The problem of a value for an input, in words; null where it is one that the input may have.
  function wrong(value, input, listed) {
    if (value === null) return "is no number";
    if (listed) return listed.some((v) => same(Compute.parse(v), value)) ? null : `is none of ${listed.join(", ")}`;
    if (input[1] === "integer" && value.d !== 1n) return "is no whole number";
    const [low, high] = [Compute.parse(input[2]), Compute.parse(input[3])];
    if (Compute.compare(value, low) < 0 || Compute.compare(value, high) > 0) {
      return `is not from ${Compute.text(low)} to ${Compute.text(high)}`;
    }
    return null;
  }

  // What a page says of one input of a claim.
  function judge(play, program, point) {
    const values = Compute.run(program, point);
    const [admitted, defined, holds] = [play.admitted, play.defined, play.holds].map((k) => values[k]);
    const rows = play.shown.map((one) => {
      const says = [...one.models.map(([, nodes]) => nodes), ...(one.explanation ? [one.explanation] : [])];
      const differ = says.some((nodes) => nodes.some((k, i) => !same(values[k], values[says[0][i]])));
      return { ...one, differ };
    });
    return { values, admitted, defined, holds, rows, region: regionOf(play.regions, point) };
  }

  function words(play, found) {
    if (found.admitted !== true) return ["outside", "This input does not meet the conditions. The claim does not speak of it."];
    if (play.kind === "on_average") return ["plain", "The claim is about an average, not about one input."];
    const open = found.holds === null;
    if (open) return ["fails", "On this input the claim has no value, and so it fails."];
    const usual = play.kind === "usually" ? " The claim allows a share of exceptions." : "";
    if (found.holds) {
      if (play.verdict === "PROVED" && play.kind !== "usually") {
        return ["holds", "On this input the claim holds. It is proved for all inputs that meet the conditions, this one among them."];
      }
      const part = found.region && found.region.verdict === "proved" ? ` ${found.region.words}` : "";
      return ["holds", `On this input the claim holds.${part}${usual}`];
    }
    if (play.verdict === "PROVED" && play.kind !== "usually") {
      return ["fails", "This page computes that the claim fails here, although it is proved. Please report it: one of the two is wrong."];
    }
    const part = found.region && found.region.verdict === "refuted" ? ` ${found.region.words}` : "";
    return ["fails", `On this input the claim FAILS.${part}${usual}`];
  }

  function fields(play, box, prefix, changed) {
    const readers = [];
    for (const [label, inputs] of play.runs) {
      const legend = label === "" ? "The input" : `The other input, from which “${label}” is taken`;
      const set = make("fieldset", {}, make("legend", {}, legend));
      const checks = play.selectors.filter(([name]) => name === label);
      for (const [, place] of checks) {
        const id = `${prefix}-i${place}`;
        const check = make("input", { type: "checkbox", id });
        check.addEventListener("change", changed);
        set.append(make("p", {}, check, make("label", { for: id }, ` take “${label}” from this input`)));
        readers.push({ places: [place], read: () => [check.checked ? "1" : "0"], write: ([v]) => { check.checked = v === "1"; } });
      }
      if (inputs.length > MOST_FIELDS) {
        const id = `${prefix}-r${inputs[0][1]}`;
        const area = make("textarea", { id, rows: "6", spellcheck: "false" });
        area.addEventListener("input", changed);
        set.append(make("label", { for: id }, `${inputs.length} numbers, in order, with commas between them`), area);
        readers.push({
          places: inputs.map(([, place]) => place),
          read: () => { const parts = area.value.split(/[,;\s]+/).filter(Boolean); return inputs.map((_, k) => parts[k] ?? ""); },
          write: (all) => { area.value = all.join(", "); },
        });
      } else {
        const grid = make("div", { class: "fields" });
        for (const [name, place] of inputs) {
          const id = `${prefix}-i${place}`;
          const field = make("input", { type: "text", id, inputmode: "decimal", autocomplete: "off", spellcheck: "false" });
          field.addEventListener("input", changed);
          grid.append(make("div", {}, make("label", { for: id }, name), field));
          readers.push({ places: [place], read: () => [field.value], write: ([v]) => { field.value = v; } });
        }
        set.append(grid);
      }
      box.append(set);
    }
    return readers;
  }

  function table(play, found) {
    const owners = [...new Set(play.shown.flatMap((one) => one.models.map(([name]) => name)))];
    const head = make("tr", {}, ...["part of the explanation", ...owners.map((o) => play.names[o] || o), "explanation", "agree?"]
      .map((t) => make("th", { scope: "col" }, t)));
    const body = make("tbody");
    const fails = found.admitted === true && found.holds !== true && play.kind !== "on_average";
    for (const row of found.rows) {
      const says = new Map(row.models);
      const cells = owners.map((o) => says.has(o) ? told(says.get(o).map((k) => found.values[k])) : "–");
      cells.push(row.explanation ? told(row.explanation.map((k) => found.values[k])) : "–");
      const count = row.models.length + (row.explanation ? 1 : 0);
      const remark = row.spoken ? (fails ? "" : ", as the claim allows") : "; the claim does not speak of it";
      cells.push(count < 2 ? "–" : row.differ ? apart(row, found.values) + remark : "yes");
      body.append(make("tr", fails && row.spoken && row.differ && count > 1 ? { class: "differs" } : {},
        make("th", { scope: "row" }, row.name), ...cells.map((t) => make("td", {}, t))));
    }
    return make("table", {}, make("thead", {}, head), body);
  }

  function start(box, play, blocks) {
    const prefix = box.id;
    const program = Compute.prepare(play.problem, blocks);
    const inputs = play.problem.inputs;
    const answer = make("div", { role: "status", class: "answer" });
    let waiting = 0;
    const changed = () => { clearTimeout(waiting); waiting = setTimeout(show, 60); };
    const form = make("form");
    form.addEventListener("submit", (event) => { event.preventDefault(); show(); });
    const readers = fields(play, form, prefix, changed);
    const buttons = make("p", { class: "buttons" });
    const presets = [...play.presets, { label: "random input", values: null }];
    for (const preset of presets) {
      const button = make("button", { type: "button" }, preset.label);
      button.addEventListener("click", () => { load(preset.values || random()); show(); });
      buttons.append(button);
    }
    const wide = make("div", { class: "wide", tabindex: "0", role: "group", "aria-label": "what network and explanation say" });
    box.replaceChildren(buttons, form, answer, wide);

    function random() {
      const found = {};
      inputs.forEach(([, kind, low, high], place) => {
        const listed = play.listed[place];
        if (listed) { found[place] = listed[Math.floor(Math.random() * listed.length)]; return; }
        const [a, b] = [Compute.parse(low), Compute.parse(high)];
        const width = Compute.subtract(b, a);
        const steps = kind === "integer" ? width.n + 1n : 1000000n;
        const drawn = BigInt(Math.floor(Math.random() * 2 ** 53)) * steps / (2n ** 53n);
        const step = kind === "integer" ? Compute.fraction(drawn, 1n) : Compute.multiply(width, Compute.fraction(drawn, 1000000n));
        found[place] = Compute.plain(Compute.add(a, step));
      });
      return found;
    }

    function load(values) {
      for (const reader of readers) {
        reader.write(reader.places.map((place) => values[place] ?? plainText(inputs[place][2])));
      }
    }

    function plainText(text) { return Compute.plain(Compute.parse(text)); }

    function show() {
      const point = inputs.map((one) => Compute.parse(one[2]));
      const problems = [];
      for (const reader of readers) {
        reader.read().forEach((text, k) => {
          const place = reader.places[k];
          const value = Compute.typed(text);
          const problem = wrong(value, inputs[place], play.listed[place]);
          if (problem) problems.push(`${inputs[place][0]}: “${text}” ${problem}`);
          else point[place] = value;
        });
      }
      if (problems.length) {
        answer.className = "answer outside";
        answer.textContent = problems.slice(0, 4).join(". ") + ".";
        wide.replaceChildren();
        return;
      }
      const found = judge(play, program, point);
      const [kind, sentence] = words(play, found);
      answer.className = `answer ${kind}`;
      answer.textContent = sentence;
      wide.replaceChildren(table(play, found));
    }

    load(presets[0].values || random());
    show();
  }

  async function unpacked(text) {
    const packed = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    return new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).blob();
  }

  async function startAll() {
    if (typeof DecompressionStream === "undefined") {
      for (const box of document.querySelectorAll(".play")) box.textContent = "This needs a newer browser.";
      return;
    }
    for (const link of document.querySelectorAll("a[data-packed]")) unpack(link);
    const data = JSON.parse(await (await unpacked(document.getElementById("data").textContent)).text());
    const blocks = data.blocks.map(Compute.floats);
    for (const [id, play] of Object.entries(data.plays)) {
      const box = document.getElementById(id);
      if (!box) continue;
      const open = () => { if (!box.dataset.started) { box.dataset.started = "yes"; start(box, play, blocks); } };
      const holder = box.closest("details");
      if (holder && !holder.open) holder.addEventListener("toggle", open, { once: true });
      else open();
    }
  }

  // A compressed file is offered as it is without a script, and unpacked with one.
  async function unpack(link) {
    link.href = URL.createObjectURL(await unpacked(link.href.split(",")[1]));
    link.download = link.dataset.packed;
  }

  return { judge, words, regionOf, wrong, startAll };
})();
if (typeof module !== "undefined") module.exports = Play;
if (typeof document !== "undefined") Play.startAll();
