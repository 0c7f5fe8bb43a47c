"""Build the sites and pin what they publish, as ``statestores federate --update`` does with sites that are served."""

import subprocess
import sys
import tempfile
from pathlib import Path

from sphinx_statestores.registry.lock import LOCK_NAME, lock_text

HERE = Path(__file__).parent
#: Site -> the sites that it knows.
KNOWN = {"identity": ("shop",), "shop": ("identity",), "portal": ("identity", "shop")}


def publish(site: str) -> bytes:
    """Build a site; return its ``statestores.json``."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "sphinx", "-q", str(HERE / site / "docs"), folder]
        subprocess.run(command, check=True)  # noqa: S603 - the command above
        return Path(folder, "statestores.json").read_bytes()


def main() -> None:
    """Write the lock of each site."""
    # A site publishes its own stores, whatever it knows of others: for a start it may know nothing.
    documents = {site: publish(site) for site in ("identity", "shop")}
    for site, others in KNOWN.items():
        pinned = {f"https://{other}.example.org/statestores.json": documents[other] for other in others}
        (HERE / site / "docs" / LOCK_NAME).write_text(lock_text(pinned), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
