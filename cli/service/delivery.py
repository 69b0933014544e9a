"""Delivers one alert by HTTP or SMTP. It is a program of its own, so it can be ended at any time.

It reads a task as JSON on standard input: the arguments of `post` or of `send_mail`. It ends with 0
if the alert is delivered. Else it prints why not, and ends with 1. It imports nothing of nkwire, so
it starts quickly; the task is not on its command line, which all users of the machine can read.
"""

import signal
import smtplib
import ssl
import sys
from contextlib import closing
from email.errors import MessageError
from email.message import EmailMessage
from http.client import HTTPConnection, HTTPException, HTTPSConnection, InvalidURL
from urllib.parse import unquote, urlsplit

import orjson

MAX_SECONDS = 60  # the service ends it sooner; this is for a service that was killed


def post(url: str, body: str) -> None:
    """Posts JSON to a URL; any answer but 2xx is a failure, redirects too.

    Raises OSError, HTTPException and ValueError.
    """
    parts = urlsplit(url)
    connect = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    with closing(connect(parts.hostname or "", parts.port)) as connection:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {"Content-Type": "application/json", "User-Agent": "nkwire"}
        connection.request("POST", path, body.encode(), headers)
        status = connection.getresponse().status
    if not 200 <= status < 300:
        raise ConnectionError(f"the address answered with HTTP status {status}")


def send_mail(url: str, sender: str, recipients: list[str], subject: str, body: str) -> None:
    """Sends mail through an SMTP server, `smtp[s]://[USER:PASSWORD@]HOST[:PORT]`.

    It is encrypted if the server supports that; a password is never sent unencrypted.
    Raises OSError, SMTPException, MessageError and ValueError.
    """
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = subject, sender, ", ".join(recipients)
    mail.set_content(body)
    parts = urlsplit(url)
    host = parts.hostname or ""
    tls_context = ssl.create_default_context()
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, context=tls_context)
    else:
        server = smtplib.SMTP(host, parts.port or 25)
    with server:
        if parts.scheme == "smtp" and server.ehlo()[0] == 250 and server.has_extn("starttls"):
            server.starttls(context=tls_context)
        elif parts.username and parts.scheme == "smtp":
            raise ConnectionError("the server offers no encryption, so no password is sent to it")
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        server.send_message(mail)


def main() -> int:
    """Delivers the alert on standard input. Returns the exit code."""
    signal.alarm(MAX_SECONDS)
    task = orjson.loads(sys.stdin.buffer.read())
    try:
        send_mail(**task) if "recipients" in task else post(**task)
    except (OSError, HTTPException, MessageError, ValueError) as error:
        print(describe_error(error))
        return 1
    return 0


def describe_error(error: Exception) -> str:
    """Returns what went wrong in one line.

    A ValueError or an HTTPException repeats the address it was given, so only its kind is told.
    """
    if isinstance(error, OSError) or not isinstance(error, HTTPException | ValueError):
        return " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, InvalidURL | ValueError):
        return (
            "the address cannot be used: characters beyond ASCII and spaces must be percent-coded"
        )
    return f"the server does not speak HTTP: {type(error).__name__}"


if __name__ == "__main__":
    sys.exit(main())
