"""Keeps the sessions of visitors who signed in, in memory only, and their form tokens."""

import base64
import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import Any

LIFETIME_SECONDS = 12 * 60 * 60
COOKIE = "nkwire_session"
MAX_SESSIONS = 100
_SCOPE_KEY = "nkwire.session"
_MAC_BYTES = hashlib.sha256().digest_size


@dataclass(frozen=True, slots=True)
class Session:
    """A visitor who signed in. `id`: the secret in the cookie. `ends_at`: of the monotonic clock."""

    id: str = field(repr=False)
    may_decide: bool
    ends_at: float

    @property
    def tag(self) -> str:
        """A text that tells this session from others, and is no secret."""
        return hashlib.sha256(f"tag {self.id}".encode()).hexdigest()[:16]

    def new_form_token(self) -> str:
        """Returns a token for a form; each is another, so that none can be guessed from sizes."""
        mask = secrets.token_bytes(_MAC_BYTES)
        return base64.urlsafe_b64encode(mask + _xor(mask, self._mac())).decode().rstrip("=")

    def is_form_token(self, token: str) -> bool:
        """Returns whether the token comes from a form of this session."""
        try:
            raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except ValueError:
            return False
        mask, masked = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
        return len(masked) == _MAC_BYTES and hmac.compare_digest(_xor(mask, masked), self._mac())

    def _mac(self) -> bytes:
        return hmac.digest(self.id.encode(), b"form", "sha256")


class Sessions:
    """All sessions of this process; they end with it. Safe for several threads.

    `token`: gives access, any number of times. `code`: gives access and decisions, once.
    """

    def __init__(self, *, token: str = "", code: str = "") -> None:
        self._token = token
        self._code = code
        self._lock = threading.Lock()
        self._by_id: dict[str, Session] = {}

    def sign_in(self, secret: str) -> Session | None:
        """Opens a session for who knows the token or the code; None for anyone else."""
        with self._lock:
            if _is_same(secret, self._code):
                self._code = ""
                return self._open(may_decide=True)
            return self._open(may_decide=False) if _is_same(secret, self._token) else None

    def is_token(self, secret: str) -> bool:
        """Returns whether this is the token that gives access."""
        return _is_same(secret, self._token)

    def find(self, session_id: str) -> Session | None:
        """Returns the session with this secret, if it has not ended."""
        with self._lock:
            self._drop_ended()
            return self._by_id.get(session_id)

    def close(self, session: Session) -> None:
        """Ends a session."""
        with self._lock:
            self._by_id.pop(session.id, None)

    def _open(self, *, may_decide: bool) -> Session:
        self._drop_ended()
        while len(self._by_id) >= MAX_SESSIONS:
            # A person who may decide cannot sign in again: their session goes last.
            oldest = min(self._by_id.values(), key=lambda each: (each.may_decide, each.ends_at))
            del self._by_id[oldest.id]
        ends_at = time.monotonic() + LIFETIME_SECONDS
        session = Session(secrets.token_urlsafe(32), may_decide, ends_at)
        self._by_id[session.id] = session
        return session

    def _drop_ended(self) -> None:
        now = time.monotonic()
        self._by_id = {key: each for key, each in self._by_id.items() if each.ends_at > now}


def session_of(scope: MutableMapping[str, Any]) -> Session | None:
    """Returns the session of a request, or None."""
    session: Session | None = scope.get(_SCOPE_KEY)
    return session


def set_session(scope: MutableMapping[str, Any], session: Session | None) -> None:
    """Gives a request its session."""
    scope[_SCOPE_KEY] = session


def decider_of(scope: MutableMapping[str, Any]) -> Session | None:
    """Returns the session of a request if it may decide, or None."""
    session = session_of(scope)
    return session if session is not None and session.may_decide else None


def _is_same(given: str, secret: str) -> bool:
    return bool(secret) and hmac.compare_digest(given.encode("utf-8", "replace"), secret.encode())


def _xor(first: bytes, second: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(first, second, strict=False))
