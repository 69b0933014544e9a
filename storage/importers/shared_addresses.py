"""Finds rows of one file that have the address of another row and say something else. No I/O."""

from array import array
from dataclasses import dataclass, field
from hashlib import blake2b

from storage.clean import storable_line
from storage.guard.addresses import web_address
from storage.identity import compute_identity
from storage.records import Article

_SLOTS = 2**21
MAX_HASHES = _SLOTS * 3 // 4
"""At most two for a row. When there are more, later rows are compared with these rows only."""


@dataclass(slots=True)
class SharedAddresses:
    """The rows of a file whose address another row before them has, with another id or text.

    It keeps a hash of 8 bytes for each address and for each row, at most 16 MB.
    """

    count: int = 0
    first_row: int = 0
    first_url: str = ""
    _hashes: "_Hashes" = field(default_factory=lambda: _Hashes())

    def add(self, number: int, article: Article) -> None:
        """Compares a row with the rows before it; the export of a nkwire states identities."""
        if article.exported:
            return
        canonical_url = web_address(storable_line(article.canonical_url))
        identity = compute_identity(article.key, canonical_url, storable_line(article.url))
        is_new_address = self._hashes.add(article.outlet, identity)
        is_new_row = self._hashes.add(
            article.outlet, identity, article.external_id, article.title, article.text
        )
        if is_new_row and not is_new_address:
            self.count += 1
            if not self.first_row:
                self.first_row, self.first_url = number, article.url


class _Hashes:
    """A set of hashes in a table of constant size."""

    def __init__(self) -> None:
        self._slots = array("Q")
        self._count = 0

    def add(self, *texts: str) -> bool:
        """Returns whether these texts are new."""
        if not self._slots:
            self._slots = array("Q", bytes(8 * _SLOTS))
        whole = "\0".join(texts).encode("utf-8", "surrogatepass")
        value = int.from_bytes(blake2b(whole, digest_size=8).digest()) or 1
        place = value % _SLOTS
        while self._slots[place] not in (0, value):
            place = (place + 1) % _SLOTS
        is_new = self._slots[place] == 0
        if is_new and self._count < MAX_HASHES:
            self._slots[place] = value
            self._count += 1
        return is_new
