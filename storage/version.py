"""Names the version of nkwire that runs."""

from importlib.metadata import PackageNotFoundError, version


def package_version() -> str:
    """Returns the version of nkwire, "unknown" if it is not installed as a package."""
    try:
        return version("nkwire")
    except PackageNotFoundError:
        return "unknown"
