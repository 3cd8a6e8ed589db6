"""`python -m mechverify.bundle FILE [--for CERTIFICATE]`: write the checker in one file."""

import argparse
import sys
from pathlib import Path

from .cut import source_for
from .join import BundleError, bundle_source


def main(arguments: list[str]) -> int:
    """Write the file. 0 if it is written, 1 if it cannot be; usage errors exit with 2."""
    parser = argparse.ArgumentParser("python -m mechverify.bundle", description="Write the proof checker as one file.")
    parser.add_argument("file", type=Path, metavar="FILE", help="where to write it, mechverify_check.py for example")
    parser.add_argument(
        "--for", type=Path, metavar="CERTIFICATE", dest="certificate",
        help="leave out all that the check of this certificate does without",
    )
    found = parser.parse_args(arguments)
    try:
        text = bundle_source() if found.certificate is None else source_for(found.certificate)
        found.file.write_text(text, encoding="utf-8")
    except (BundleError, OSError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
