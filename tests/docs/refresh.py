"""Write anew every block of the documentation that shows a command's output or a file: python tests/docs/refresh.py"""

import sys

from doc_blocks import ROOT, Block, blocks, file_text, normal, pages, run


def fresh(block: Block) -> str:
    """What should stand in the block; unchanged where only times and sizes differ."""
    if block.kind == "file":
        return file_text(ROOT / block.what)
    if block.kind != "output of":
        return block.text
    text = "\n".join(line.rstrip() for line in run(block.what).splitlines()) + "\n"
    return block.text if normal(text) == normal(block.text) else text


def main() -> None:
    """Rewrite the pages that changed, and name them."""
    for page in pages():
        text = page.read_text(encoding="utf-8")
        for block in reversed(list(blocks(page))):
            text = text[: block.start] + fresh(block) + text[block.end :]
        if text != page.read_text(encoding="utf-8"):
            page.write_text(text, encoding="utf-8")
            sys.stdout.write(f"{page.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
