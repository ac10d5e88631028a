"""The device's TUF client on its own, as the conformance suite of TUF (theupdateframework/tuf-conformance) drives it:

    python -m edge.update.conformance --metadata-dir DIR init ROOT
    python -m edge.update.conformance --metadata-dir DIR --metadata-url URL refresh
    python -m edge.update.conformance --metadata-dir DIR --metadata-url URL \\
        --target-name PATH --target-base-url URL --target-dir DIR download

The same fetcher and the same limits as on a machine. Exit status 0 done, 1 refused, with its reason on standard error.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tuf.api.exceptions import DownloadError, RepositoryError
from tuf.ngclient import Updater

from edge.clock import now_ns
from edge.update.disk import Disk
from edge.update.fetch import Fetcher, Opener, Source
from edge.update.refusal import Unreachable
from edge.update.trust import LIMITS


def main(arguments: Sequence[str], opener: Opener | None = None) -> int:
    """One command; returns the exit status."""
    asked = _parser().parse_args(arguments)
    folder: Path = asked.metadata_dir
    try:
        if asked.command == "init":
            folder.mkdir(parents=True, exist_ok=True)
            Disk().replace(folder / "root.json", asked.root.read_bytes())
            return 0
        fetcher = Fetcher(opener or Source(), now_ns)
        updater = Updater(str(folder), asked.metadata_url, fetcher=fetcher, config=LIMITS, bootstrap=None)
        updater.refresh()
        if asked.command == "download":
            _download(updater, asked)
        return 0
    except (RepositoryError, DownloadError, Unreachable, OSError) as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 1


def _download(updater: Updater, asked: argparse.Namespace) -> None:
    target = updater.get_targetinfo(asked.target_name)
    if target is None:
        raise RepositoryError(f"{asked.target_name}: nobody signed for such a file")
    updater.target_dir = str(asked.target_dir)
    if updater.find_cached_target(target) is None:
        updater.download_target(target, target_base_url=asked.target_base_url)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m edge.update.conformance")
    parser.add_argument("--metadata-dir", type=Path, required=True)
    parser.add_argument("--metadata-url", default="")
    parser.add_argument("--target-name", default="")
    parser.add_argument("--target-base-url", default="")
    parser.add_argument("--target-dir", type=Path)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("init").add_argument("root", type=Path)
    commands.add_parser("refresh")
    commands.add_parser("download")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
