"""Asks the advisory service of OSV about every package of uv.lock, with `uv audit`.

    python3 .ci/audit.py UV [ADDRESS]

UV is the program, ADDRESS the service (https://api.osv.dev). Ends with 0 if no advisory concerns a
locked version, and also if the service cannot be reached: then a line says that the audit was skipped.
Ends with another code if an advisory concerns one, or if the audit itself fails while the service
answers. Needs no package, so that it can run before anything is installed.
"""

import json
import subprocess
import sys
import urllib.request

SERVICE = "https://api.osv.dev"
_QUESTION = {"queries": [{"package": {"name": "nkwire", "ecosystem": "PyPI"}, "version": "0"}]}
_SECONDS = 20


def why_unreachable(service: str) -> str:
    """Returns why the service gives no answer of its own; "" if it does."""
    request = urllib.request.Request(
        f"{service}/v1/querybatch",
        json.dumps(_QUESTION).encode(),
        {"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:
            found = json.load(answer)
    except (OSError, ValueError) as error:
        return " ".join(str(error).split()) or type(error).__name__
    # A proxy that answers everything with a page or an object of its own is no service.
    is_service = isinstance(found, dict) and isinstance(found.get("results"), list)
    return "" if is_service else "something else answers at this address"


def main(uv: str, service: str = SERVICE) -> int:
    """Runs the audit. Returns the exit code."""
    reason = why_unreachable(service)
    if not reason:
        command = [uv, "audit", "--frozen", "--preview-features", "audit-command"]
        ended = subprocess.run([*command, "--service-url", service], check=False)
        if ended.returncode != 2:
            return ended.returncode
        reason = why_unreachable(service)  # code 2: the audit failed, perhaps the network did
        if not reason:
            return 2
    sys.stdout.write(
        f"SKIPPED: the audit of packages, because {service} cannot be reached: {reason}\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
