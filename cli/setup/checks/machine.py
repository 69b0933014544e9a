"""Checks the machine: folders, room, limits, time zones, the browser."""

import resource
import stat
import subprocess
from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cli.errors import UserError
from cli.options import check_writable
from cli.service.free_space import free_bytes, lack_of_space
from cli.setup.checks.finding import Finding, Situation, ok, problem, warning
from crawler.config.values import has_address

BROWSER_SECONDS = 8.0
_SET_CONTACT = 'set it: contact = "you@example.org" in nkwire.toml, or NKWIRE_CONTACT'
PYONGYANG = "Asia/Pyongyang"
# North Korea's own time from August 2015 to May 2018; old time zone data does not know it.
PYONGYANG_TIME = (datetime(2017, 1, 1), timedelta(hours=8, minutes=30))


def check_home(situation: Situation) -> Finding:
    """Checks that the home folder can be written, and that others cannot write to it."""
    home = situation.config.home
    try:
        check_writable(home)
    except UserError as error:
        return problem("home folder", str(error), f"chown or chmod {home}, or set `home`")
    except OSError as error:
        return problem("home folder", f"{home}: {error.strerror}", "set `home` to another folder")
    if not home.exists():
        return ok("home folder", f"{home.absolute()} (made by the first run)")
    if not home.is_dir():
        return problem("home folder", f"{home} is no folder", "set `home` to another folder")
    mode = stat.S_IMODE(home.stat().st_mode)
    if mode & stat.S_IWOTH:
        return warning("home folder", f"{home}: all users may write to it", f"chmod o-w {home}")
    return ok("home folder", str(home.absolute()))


def check_space(situation: Situation) -> Finding:
    """Checks the room by the rule of the service, which stops fetching below it."""
    if lack := lack_of_space(situation.config, situation.database_url):
        advice = "make room, or set `keep_free_mb` lower: until then nothing is fetched"
        return problem("free space", lack, advice)
    free = free_bytes(situation.config.home)
    return ok("free space", f"{free / 2**30:,.1f} GB for the home folder")


def check_contact(situation: Situation) -> Finding:
    """Checks that outlets can see who reads them, and write to them."""
    contact = situation.config.contact
    if contact and has_address(contact):
        return ok("contact", contact)
    if contact:
        return warning(
            "contact",
            f"{contact!r} has no mail address and no http(s) address: outlets cannot write to you",
            _SET_CONTACT,
        )
    return warning(
        "contact",
        "none: outlets cannot see who reads them, and some then refuse",
        _SET_CONTACT,
    )


def check_limits(_: Situation) -> Finding:
    """Checks the limit of open files, and that children can be started."""
    from crawler.errors import CrawlerError
    from crawler.processes.machine_limits import require_means_of_children

    try:
        require_means_of_children()
    except CrawlerError as error:
        return problem("limits", str(error), "raise it with `ulimit -n 1024` before nkwire starts")
    return ok("limits", f"{resource.getrlimit(resource.RLIMIT_NOFILE)[0]:,} open files")


def check_time_zones(situation: Situation) -> Finding:
    """Checks that Python knows the time zones of the outlets, with their past."""
    zones = {outlet.timezone for outlet in situation.outlets.values()}
    return judge_time_zones(sorted({PYONGYANG, *filter(None, zones)}))


def judge_time_zones(names: Iterable[str]) -> Finding:
    """Decides by the names of the zones that are needed."""
    advice = "install the time zone data: the system's package tzdata, or pip install tzdata"
    unknown = [name for name in names if not _is_known(name)]
    if unknown:
        return problem("time zones", f"unknown: {', '.join(unknown)}", advice)
    at, offset = PYONGYANG_TIME
    if ZoneInfo(PYONGYANG).utcoffset(at) != offset:
        return warning("time zones", f"the data for {PYONGYANG} are older than 2015", advice)
    return ok("time zones", "all that the outlets use are known")


def _is_known(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return False
    return True


def check_browser(situation: Situation) -> Finding:
    """Checks the browser, if an outlet needs one: that it is there and starts."""
    from crawler.middlewares.browser import NoBrowserError, find_executable

    names = [name for name, outlet in situation.outlets.items() if outlet.browser]
    if not names:
        return ok("browser", "no outlet that you read needs one")
    needed = f"needed by {', '.join(names)}"
    advice = "install chromium-headless-shell or chromium, or name one with `chromium`"
    try:
        path = find_executable(situation.config.chromium)
    except NoBrowserError as error:
        detail = str(error).partition(": ")[2].partition(";")[0]
        return warning("browser", f"{detail} ({needed})", f"{advice}; or leave these outlets out")
    try:
        said = subprocess.run(
            [path, "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=BROWSER_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        return warning("browser", f"{path} does not start: {reason} ({needed})", advice)
    return ok("browser", f"{said.stdout.decode(errors='replace').strip() or path} ({needed})")
