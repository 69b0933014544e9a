"""Reads the articles of files and computes their features, in any number of processes."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cli.engines.article_files import FileRow, read_rows
from cli.engines.job import Reading, document_id, file_of, number_of
from dedup.bulk.cluster import SignedDocument, sign_document
from dedup.bulk.task_pool import TaskPool, ThisProcess
from dedup.records import Document
from dedup.signature.scheme import Scheme
from storage.batches import ProgressCallback
from storage.identity import make_uid
from storage.importers.jsonl_reader import (
    BadLine,
    BadRow,
    detect_language,
    parse_article,
    parse_line,
    registered_domain,
)
from storage.records import Article, PageClass
from storage.saving.prepare import InvalidArticleError, clean_article

NumberedRow = tuple[int, FileRow]
"""A row of a file with the id that its article gets (`cli.engines.job.document_id`)."""

NoteRejected = Callable[[str, str], None]

ID_GIVEN_BEFORE = "id given before"
_CANNOT_BE_STORED = "cannot be stored"

_ROWS_PER_BATCH, _BYTES_PER_BATCH = 100, 1 << 20
"""Rows that are signed together, and bytes after which a batch ends before that."""

_UNKNOWN_RANK = 9


@dataclass(frozen=True, slots=True)
class FoundArticle:
    """An article of a file. `file_id`: its id in the file. `document`: None if it is left out."""

    id: int
    file_id: str
    document: Document | None
    article: Article
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SignedRow:
    """What a row of a file holds: an article with its features, or why it is left out.

    `file_id`: "" if the row is no article.
    """

    id: int
    file_id: str = ""
    signed: SignedDocument | None = None
    reason: str = ""


def read_documents(
    addresses: Sequence[str], ids: dict[int, str], on_rejected: NoteRejected
) -> Iterator[Document]:
    """Yields the articles of the files in order. Arguments as in `sign_files`."""
    reading = Reading.start()
    seen_ids: set[str] = set()
    for row in _iter_rows(addresses, None):
        found = find_article(row, reading, detects_language=True)
        if isinstance(found, BadLine):
            on_rejected(
                *describe_rejected(
                    addresses[file_of(row[0])], SignedRow(row[0], reason=found.reason)
                )
            )
        elif _is_new(addresses, found, seen_ids, on_rejected) and found.document:
            ids[found.id] = found.file_id
            yield found.document


def sign_files(
    addresses: Sequence[str],
    signer: "RowSigner",
    ids: dict[int, str],
    on_rejected: NoteRejected,
    pool: TaskPool | None = None,
    progress: ProgressCallback | None = None,
) -> Iterator[SignedDocument]:
    """Yields the articles of the files in order, with their features.

    Stores the file's id of each article in `ids`. `on_rejected` is called for each row that is left
    out, with the cause and with a message. `progress`: called with the bytes read and the total, or
    with the files of several. Raises as `cli.engines.article_files.read_rows`.
    """
    seen_ids: set[str] = set()
    batches = _batch_rows(_iter_rows(addresses, progress))
    for batch in (pool or ThisProcess()).map(signer, batches):
        for row in batch:
            if _is_new(addresses, row, seen_ids, on_rejected) and row.signed:
                ids[row.id] = row.file_id
                yield row.signed


@dataclass(frozen=True, slots=True)
class RowSigner:
    """Computes the features of rows; can be sent to another process.

    `reports`: whether it looks for what the articles report, too.
    """

    scheme: Scheme
    reading: Reading
    reports: bool

    def __call__(self, rows: Sequence[NumberedRow]) -> list[SignedRow]:
        """Returns what each row holds."""
        return [self.sign(row) for row in rows]

    def sign(self, row: NumberedRow) -> SignedRow:
        """Returns what one row holds."""
        found = find_article(row, self.reading, detects_language=False)
        if isinstance(found, BadLine):
            return SignedRow(row[0], reason=found.reason)
        if found.document is None:
            return SignedRow(found.id, found.file_id, reason=found.reason)
        article = found.article
        signed = sign_document(
            found.document,
            self.scheme,
            reports=self.reports,
            detect_language=lambda: detect_language(article.title, article.text),
        )
        return SignedRow(found.id, found.file_id, signed)


def find_article(
    row: NumberedRow, reading: Reading, *, detects_language: bool
) -> FoundArticle | BadLine:
    """Returns the article of a row as a database would keep it.

    `detects_language`: as in `storage.importers.jsonl_reader.parse_line`.
    """
    row_id, content = row
    article = _parse_row(number_of(row_id), content, detects_language=detects_language)
    if isinstance(article, BadLine):
        return article
    file_id = article.external_id or article.url
    try:
        cleaned, identity = clean_article(article, reading.now)
    except InvalidArticleError as error:
        return FoundArticle(row_id, file_id, None, article, str(error))
    is_article = cleaned.page_class is PageClass.ARTICLE
    document = Document(
        id=row_id,
        uid=make_uid(cleaned.outlet, identity) + f"#{file_id}",
        title=cleaned.title if is_article else "",
        text=cleaned.text if is_article else "",  # stubs are not compared
        language=cleaned.language,
        outlet=cleaned.outlet,
        published_at=cleaned.published_at,
        first_seen_at=cleaned.first_seen_at,
        rank=reading.ranks.get(cleaned.outlet, _UNKNOWN_RANK),
    )
    return FoundArticle(row_id, file_id, document, article)


def _parse_row(number: int, content: FileRow, *, detects_language: bool) -> Article | BadLine:
    if isinstance(content, BadLine):
        return content
    if isinstance(content, bytes):
        return parse_line(number, content, detects_language=detects_language)
    try:
        return parse_article(content, registered_domain, detects_language=detects_language)
    except BadRow as error:
        return BadLine(number, str(error))


def describe_rejected(address: str, row: FoundArticle | SignedRow) -> tuple[str, str]:
    """Returns the cause why a row is left out, the same for many rows, and a message."""
    if not row.file_id:
        message = f"{address}:{number_of(row.id)}: {row.reason}"
        return row.reason.partition(":")[0], message
    return _CANNOT_BE_STORED, f"{address}: {row.file_id!r}: {row.reason}"


def describe_repeated(address: str, file_id: str) -> tuple[str, str]:
    """Returns the cause and the message for an article with the id of an earlier one."""
    message = f"{address}: the id {file_id!r} was given before; the later article is left out"
    return ID_GIVEN_BEFORE, message


def _iter_rows(
    addresses: Sequence[str], progress: ProgressCallback | None
) -> Iterator[NumberedRow]:
    for file, address in enumerate(addresses):
        # A pipe has no size and no place in it.
        is_only_file = len(addresses) == 1 and Path(address).is_file()
        for number, row in read_rows(address, progress if is_only_file else None):
            yield document_id(file, number), row
        if progress and len(addresses) > 1:
            progress(file + 1, len(addresses))


def _batch_rows(rows: Iterable[NumberedRow]) -> Iterator[list[NumberedRow]]:
    batch: list[NumberedRow] = []
    size = 0
    for row in rows:
        batch.append(row)
        size += _count_bytes_of(row[1])
        if len(batch) >= _ROWS_PER_BATCH or size >= _BYTES_PER_BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _count_bytes_of(row: FileRow) -> int:
    if isinstance(row, Mapping):
        return sum(len(value) for value in row.values() if isinstance(value, str))
    return len(row) if isinstance(row, bytes) else 0


def _is_new(
    addresses: Sequence[str],
    row: FoundArticle | SignedRow,
    seen_ids: set[str],
    on_rejected: NoteRejected,
) -> bool:
    """Returns whether no earlier row had this id; notes that the row is left out, and why."""
    address = addresses[file_of(row.id)]
    if row.file_id in seen_ids:
        on_rejected(*describe_repeated(address, row.file_id))
        return False
    if row.file_id:
        seen_ids.add(row.file_id)
    if row.reason:
        on_rejected(*describe_rejected(address, row))
    return True
