"""Write uv.lock without the addresses of any package index, so that every index can serve it.

A lock names what is installed (version and hash); where it is fetched from is the business of the machine.
`uv export` reads the result as it is; pip and uv check the hashes.
"""

import re
import subprocess
from pathlib import Path

LOCK = Path(__file__).parent.parent / "uv.lock"


def strip_addresses(text: str) -> str:
    """Name files and the index by relative names only."""
    text = re.sub(r'registry = "https?://[^"]+"', 'registry = "index"', text)
    return re.sub(r'url = "https?://[^"]*/([^"/]+)"', r'path = "\1"', text)


if __name__ == "__main__":
    LOCK.unlink(missing_ok=True)
    subprocess.run(["uv", "lock", "--project", str(LOCK.parent)], check=True)
    LOCK.write_text(strip_addresses(LOCK.read_text()))
