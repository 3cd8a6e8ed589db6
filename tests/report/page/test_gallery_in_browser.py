"""The form "try it yourself" of every spec of the gallery, driven in a browser, against the runtimes; and axe-core.

``CHROMIUM`` names the browser where none of the usual names is on the path, ``AXE`` the file ``axe.min.js`` (`npm pack
axe-core`). Without them these tests are skipped. ``PAGES`` is a folder that `mechverify report -o FOLDER` wrote: its
pages are looked at too.
"""

import html
import json
import os
import re
import subprocess
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from doc_blocks import ROOT
from dossier_samples import dossiers, spec_dossier

from mechverify.deciding.job import Job
from mechverify.deciding.options import VerifyOptions
from mechverify.deciding.running.point_view import PointView
from mechverify.deciding.running.replay import executions_at
from mechverify.dossier.program import program_of
from mechverify.dossier_results import Program
from mechverify.report.page.page import page_html
from mechverify.spec.read import read_spec
from mechverify.verification.loading import load_models
from mechverify.verification.plan import plan

SPECS = sorted((ROOT / "specs").glob("*.yaml"))
INPUTS = 100
WRITTEN = sorted(Path(os.environ["PAGES"]).glob("*.html")) if "PAGES" in os.environ else []
_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
_DRIVER = """
(async () => {
  const wait = (ms) => new Promise((go) => setTimeout(go, ms));
  for (const one of document.querySelectorAll("details")) one.open = true;
  for (let k = 0; k < 500 && !document.querySelector(".play form"); k += 1) await wait(10);
  const box = document.querySelector(".play");
  const found = [];
  for (let k = 0; k < COUNT; k += 1) {
    [...box.querySelectorAll("button")].at(-1).click();
    found.push({
      fields: [...box.querySelectorAll("input, textarea, select")].map((one) => one.value),
      owners: [...box.querySelectorAll("th[scope=col]")].map((one) => one.textContent),
      rows: [...box.querySelectorAll("tbody tr")].map((row) => [...row.children].map((one) => one.textContent)),
    });
  }
  document.body.append(Object.assign(document.createElement("pre"), { id: "found", textContent: JSON.stringify(found) }));
})();
"""
_AXE = """
(async () => {
  for (const one of document.querySelectorAll("details")) one.open = true;
  const done = await axe.run();
  const found = {
    violations: done.violations.map((one) => [one.id, one.nodes.length, one.nodes[0].html.slice(0, 200)]),
    passes: done.passes.length,
    dark: matchMedia("(prefers-color-scheme: dark)").matches,
    width: innerWidth,
    wide: document.documentElement.scrollWidth,
  };
  document.body.append(Object.assign(document.createElement("pre"), { id: "found", textContent: JSON.stringify(found) }));
})();
"""


def told_by(browser: str, folder: Path, page: str, script: str, *flags: str) -> tuple[Any, str, Path]:
    """What a script that is put into the page leaves in it, what the browser logged, and its log of the network."""
    file, network = folder / "page.html", folder / "network.json"
    page = _POLICY.sub("", page).replace("</body>", f"<script>{script}</script></body>")
    assert script in page
    file.write_text(page, encoding="utf-8")
    flags = ("--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=20000", "--dump-dom",
             "--enable-logging=stderr", f"--log-net-log={network}", *flags)  # fmt: skip
    home = {**os.environ, "HOME": str(folder)}
    done = subprocess.run([browser, *flags, file.as_uri()], capture_output=True, text=True, check=True, env=home)
    left = re.search(r'<pre id="found">(.*?)</pre>', done.stdout, re.DOTALL)
    assert left is not None, done.stderr[-2000:]
    return json.loads(html.unescape(left[1])), done.stderr, network


def playable(path: Path) -> tuple[Job, Program] | None:
    """The first claim of a spec that a page can play, of one run."""
    spec = read_spec(path)
    planned = plan(spec, load_models(spec, allow_code=False), VerifyOptions(), ideal=False)
    for job in (p.job for p in planned if p.job is not None and not p.job.compiled.sources):
        program = program_of(job.compiled, job.models)
        if isinstance(program, Program) and spec.models:
            return job, program
    return None


def number(text: str) -> float | None:
    """A number as the page shows it; None where it shows something else."""
    try:
        return float(re.sub(r"[^0-9.e+-]", "", text.replace("\u2212", "-")))
    except ValueError:
        return {"yes": 1.0, "no": 0.0}.get(text)


def as_numbers(value: Any) -> list[float]:
    return [x for one in value for x in as_numbers(one)] if isinstance(value, tuple) else [float(value)]


@pytest.mark.campaign
@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_the_form_agrees_with_the_runtimes_on_a_hundred_inputs(browser: str, tmp_path: Path, path: Path) -> None:
    found = playable(path)
    if found is None:
        pytest.skip("no claim of this spec is about one run that a page can play")
    job, program = found
    (first, *_) = spec_dossier().claims
    plain = replace(first, program=program, map=None, examples=(), result=replace(first.result, counterexample=None))
    page = page_html(dossiers(replace(spec_dossier(), claims=(plain,))))
    tried, log, network = told_by(browser, tmp_path, page, _DRIVER.replace("COUNT", str(INPUTS)))
    assert re.findall(r"CONSOLE.*", log) == []
    assert re.findall(r'"url":"https?:[^"]*"', network.read_text(encoding="utf-8")) == []
    assert len(tried) == INPUTS
    places = [place for _, place in program.runs[""]]
    points = []
    for one in tried:
        texts = [text for field in one["fields"] for text in re.split(r"[,;\\s]+", field) if text]
        values = dict(zip(places, map(Fraction, texts), strict=True))
        points.append(tuple(values[place] for place in range(len(places))))
    executions = executions_at(job.compiled, job.models, [PointView(job.compiled, point) for point in points])
    names = [declaration.name for declaration in job.compiled.spec.models]
    compared = 0
    for one, runs in zip(tried, executions, strict=True):
        (_, seen, _), *_ = runs
        for name, *cells in one["rows"]:
            for owner, cell in zip(names, cells, strict=False):
                shown = [number(text) for text in cell.strip("[]").split(", ")]
                if (owner, name) not in seen or None in shown:
                    continue
                theirs = as_numbers(seen[owner, name])
                scale = 1.0 + max(map(abs, theirs))
                assert shown == pytest.approx(theirs, abs=scale * 2.0**-17)
                compared += 1
    print(f"{path.stem}: {compared} values on {INPUTS} inputs")
    assert compared >= INPUTS or not any(v.located_at for v in job.compiled.spec.variables)


@pytest.mark.campaign
@pytest.mark.parametrize("size", ["1280,900", "360,740"])
@pytest.mark.parametrize("scheme", ["0", "1"], ids=["dark", "light"])
@pytest.mark.parametrize("written", [None, *WRITTEN], ids=lambda path: "sample" if path is None else path.stem)
def test_axe_finds_nothing(browser: str, tmp_path: Path, size: str, scheme: str, written: Path | None) -> None:
    axe = os.environ.get("AXE")
    if axe is None:
        pytest.skip("AXE names no axe.min.js: pages are not looked at for barriers")
    page = page_html(dossiers(spec_dossier())) if written is None else written.read_text(encoding="utf-8")
    script = Path(axe).read_text(encoding="utf-8").replace("</script>", r"<\/script>") + _AXE
    flags = (f"--window-size={size}", f"--blink-settings=preferredColorScheme={scheme}")
    found, log, network = told_by(browser, tmp_path, page, script, *flags)
    assert found["violations"] == []
    assert found["passes"] > 20
    assert found["wide"] <= found["width"]
    assert re.findall(r'"url":"https?:[^"]*"', network.read_text(encoding="utf-8")) == []
    assert (found["dark"], found["width"]) == (scheme == "0", int(size.partition(",")[0]))
    assert re.findall(r"CONSOLE.*", log) == []
