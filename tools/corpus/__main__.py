"""The command that brings the corpus: `python -m tools.corpus [FOLDER]`."""

import argparse
import subprocess
import tempfile
from pathlib import Path

from tools.corpus.folder import OWN, VARIABLE
from tools.corpus.package import download, read_list, unpack


def main() -> None:
    """Download the package and take the objects out."""
    parser = argparse.ArgumentParser(
        prog="scripts/corpus", description="Take real dose objects for tests out of the public package of OpenREM."
    )
    parser.add_argument("folder", nargs="?", type=Path, default=OWN, help="where they go (default: .corpus)")
    folder: Path = parser.parse_args().folder.resolve()
    wanted = read_list()
    with tempfile.TemporaryDirectory() as temporary:
        try:
            package = download(Path(temporary))
        except subprocess.CalledProcessError:
            raise SystemExit("!! pip could not download the package; the lines above say why.") from None
        unpack(package, folder, wanted=wanted)
    print(f"== {len(wanted)} objects are in {folder / 'files'}. They are OpenREM's, under the GPL: do not commit them.")
    if folder != OWN:
        print(f"   Tests find them with {VARIABLE}={folder}")


if __name__ == "__main__":
    main()
