"""The pictures of the README, each made by a real run: python docs/pictures/make.py [page]

``verify.svg`` is a terminal in which a spec was verified, ``map.svg`` a map as `mechverify scope -o` draws it. With
``page`` also ``page.png``, the head of a page of `mechverify report` as a browser shows it; ``CHROMIUM`` names the
browser. The picture of the page holds the SHA-256 of that page, so that a test can say whether it is out of date.
"""

import hashlib
import html
import io
import os
import re
import struct
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

from mechverify import api
from mechverify.deciding.options import VerifyOptions
from mechverify.dossier.collect import Asked, collected
from mechverify.report.page.page import page_html
from mechverify.report.picture.svg import scope_svg
from mechverify.report.text.claims import render_end, render_spec

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SPEC = "specs/wrong_order.yaml"
VERIFY = f"mechverify verify {SPEC}"
MAP = "specs/equal_inputs.yaml", "hands_back_the_first"
KEY = b"SHA-256 of the page"
_COLUMN = 12.2  # of the picture's units
WIDTH, SIZE = 100, "800,800"
_NEEDLESS = re.compile(r"@font-face \{.*?\}\n|<!--.*?-->\n?", re.DOTALL)


def coloured() -> str:
    """What the command prints on a terminal with colours."""
    report = api.verify_paths([Path(SPEC)], VerifyOptions(scope=True))
    shown = [render_spec(spec, width=WIDTH, colour=True) for spec in report.specs]
    return "".join([*shown, render_end(report, width=WIDTH, colour=True)])


def terminal(text: str) -> str:
    """Coloured text as a picture of a terminal, without references to anything else."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="standard")
    console.print(Text(f"$ {VERIFY}"))
    console.print(Text.from_ansi(text.rstrip("\n")), soft_wrap=True)
    form = _NEEDLESS.sub("", CONSOLE_SVG_FORMAT).replace("Fira Code", "monospace")
    return console.export_svg(title="mechverify", code_format=form, unique_id="terminal")


def text_of(picture: str) -> list[str]:
    """The lines of a terminal's picture, each piece at its column."""
    rows: dict[float, str] = {}
    for x, y, shown in re.findall(r'<text class="terminal-r\d+" x="([\d.]+)" y="([\d.]+)"[^>]*>(.*?)</text>', picture):
        row = rows.get(float(y), "").ljust(round(float(x) / _COLUMN))
        rows[float(y)] = row + html.unescape(shown).replace("\xa0", " ")
    return [row.rstrip() for _, row in sorted(rows.items())]


def drawn_map() -> str:
    """The map of a claim, as SVG."""
    path, claim = MAP
    found = api.scope(Path(path), claim, VerifyOptions(arithmetic="real"), asked=("map",))
    drawn = scope_svg(found)
    assert drawn is not None
    return drawn


def page() -> str:
    """The page whose head is shown."""
    return page_html(collected([Path(SPEC)], VerifyOptions(iia_samples=1000), Asked(mutants=0)))


def photographed(text: str) -> bytes:
    """The head of a page, as PNG with its digest."""
    with tempfile.TemporaryDirectory() as folder:
        place, picture = Path(folder) / "page.html", Path(folder) / "page.png"
        place.write_text(text, encoding="utf-8")
        browser = os.environ.get("CHROMIUM", "chromium")
        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--virtual-time-budget=3000"]
        shot = [f"--window-size={SIZE}", f"--screenshot={picture}"]
        subprocess.run([browser, *flags, *shot, place.as_uri()], check=True, capture_output=True)  # noqa: S603
        data = picture.read_bytes()
    digest = KEY + b"\0" + hashlib.sha256(text.encode()).hexdigest().encode()
    told = struct.pack(">I", len(digest)) + b"tEXt" + digest + struct.pack(">I", zlib.crc32(b"tEXt" + digest))
    return data[:33] + told + data[33:]  # after the signature and the first chunk


def main() -> None:
    """Write them."""
    os.chdir(ROOT)
    (HERE / "verify.svg").write_text(terminal(coloured()), encoding="utf-8")
    (HERE / "map.svg").write_text(drawn_map(), encoding="utf-8")
    if sys.argv[1:] == ["page"]:
        (HERE / "page.png").write_bytes(photographed(page()))


if __name__ == "__main__":
    main()
