"""Opens the file systems of fsspec, and puts whole files there. fsspec is loaded here only."""

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from dedup.errors import NkwireError
from storage.archive.location import OBJECT_STORES, S3_SCHEMES, check_address, scheme_of
from storage.errors import ArchiveError, ArchiveUnavailable, MissingLibrary
from storage.guard.secrets import conceal

_PART_BYTES = 16 << 20  # of an upload; s3fs holds two of them in memory
_CONNECT_SECONDS, _READ_SECONDS, _ATTEMPTS = 10, 60, 3
_MAX_REASON_CHARS = 300
_REFUSED_SECOND = ("PreconditionFailed", "ConditionalRequestConflict", "412", "409")


class SecondObject(NkwireError):
    """An object of the name is there already, or is being written by another process."""


class RemoteFiles:
    """The file system of an address. `address`: as `check_address` returns it.

    Raises MissingLibrary if a library is missing, ArchiveError if the address cannot be used.
    """

    def __init__(self, address: str) -> None:
        self.address = check_address(address)
        self.scheme = scheme_of(self.address)
        with explained(self.address):
            self.fs, self.root = _open_filesystem(self.address, self.scheme)

    @property
    def is_object_store(self) -> bool:
        """Whether an object appears only when it is whole."""
        return self.scheme in OBJECT_STORES

    def path(self, key: str) -> str:
        """Returns the name of an object as the file system knows it."""
        return f"{self.root}/{key}" if key else self.root

    def size(self, key: str) -> int | None:
        """Returns the bytes of an object; None if there is none. Raises ArchiveError."""
        with explained(self.address):
            try:
                found = self.fs.info(self.path(key))
            except FileNotFoundError:
                self.require_root()
                return None
        return int(found["size"]) if found["type"] == "file" else None

    def has_any(self, folder: str) -> bool:
        """Whether there is any object below a name. Raises ArchiveError."""
        with explained(self.address):
            try:
                return bool(self.fs.ls(self.path(folder), detail=False))
            except FileNotFoundError:
                return False

    def require_root(self) -> None:
        """Raises ArchiveError if the bucket, or the folder of a mounted disk, is not there."""
        root = self.root.partition("/")[0] if self.is_object_store else self.root
        if self.scheme == "memory":
            return
        with explained(self.address):
            try:
                self.fs.info(root)
            except FileNotFoundError:
                kind = "bucket" if self.is_object_store else "folder"
                raise ArchiveError(f"{self.address}: there is no such {kind}: make it") from None

    def put(self, file: Path, key: str, *, is_new: bool = False) -> None:
        """Puts a file there as a whole: until the end, nobody sees any part of it.

        `is_new`: raises SecondObject if there is one already, where the store can tell. Raises
        ArchiveError; then the object is as it was before.
        """
        self.require_root()
        with explained(self.address):
            if self.is_object_store:
                self._put_object(file, self.path(key), is_new=is_new)
            else:
                self._put_renamed(file, self.path(key))

    def _put_object(self, file: Path, path: str, *, is_new: bool) -> None:
        if self.scheme not in S3_SCHEMES:
            self.fs.put_file(str(file), path)
            return
        options = {"chunksize": _PART_BYTES, "max_concurrency": 1}
        try:
            self.fs.put_file(str(file), path, mode="create" if is_new else "overwrite", **options)
        except OSError as error:
            if is_new and _is_second(error):
                raise SecondObject(f"{path} is there already") from error
            if not is_new or error.errno != errno.ENOSYS:
                raise
            self.fs.put_file(str(file), path, **options)  # a store without If-None-Match

    def _put_renamed(self, file: Path, path: str) -> None:
        folder, _, name = path.rpartition("/")
        draft = f"{folder}/.{name}.{os.getpid()}.{secrets.token_hex(8)}.part"
        self.fs.makedirs(folder, exist_ok=True)
        try:
            self.fs.put_file(str(file), draft)
            if self.scheme not in ("file", "local"):  # these replace in one step
                with suppress(FileNotFoundError):
                    self.fs.rm_file(path)
            self.fs.mv(draft, path)
        finally:
            with suppress(Exception):  # the first error tells more
                if self.fs.exists(draft):
                    self.fs.rm_file(draft)

    def delete(self, key: str) -> None:
        """Deletes an object; one that is gone is no error. Raises ArchiveError."""
        with explained(self.address), suppress(FileNotFoundError):
            self.fs.rm_file(self.path(key))


def _open_filesystem(address: str, scheme: str) -> tuple[Any, str]:
    fsspec = import_module("fsspec")
    options: dict[str, Any] = {"use_listings_cache": False}
    if scheme in S3_SCHEMES:
        import_module("s3fs")
        retries = {"total_max_attempts": _ATTEMPTS, "mode": "standard"}
        options["config_kwargs"] = {
            "connect_timeout": _CONNECT_SECONDS,
            "read_timeout": _READ_SECONDS,
            "retries": retries,
        }
    try:
        fs, root = fsspec.core.url_to_fs(address, **options)
    except ValueError as error:
        raise ArchiveError(f"{address}: {_reason(error)}") from None
    return fs, str(root).rstrip("/")


@contextmanager
def explained(address: str) -> Iterator[None]:
    """Raises errors of ours for whatever a file system raises; FileNotFoundError goes through."""
    try:
        yield
    except (NkwireError, FileNotFoundError):
        raise
    except ImportError as error:
        raise MissingLibrary(_describe_missing(address, error)) from None
    except PermissionError as error:
        line = f"{address}: access is refused: {_reason(error)}"
        raise ArchiveError(line) from error
    except Exception as error:
        name = type(error).__name__
        if name in ("NoCredentialsError", "PartialCredentialsError", "ParamValidationError"):
            raise ArchiveError(f"{address}: {_reason(error)}") from error
        raise ArchiveUnavailable(
            f"{address} does not answer as it should: {_reason(error)}"
        ) from error


def _describe_missing(address: str, error: ImportError) -> str:
    scheme = scheme_of(address)
    if scheme in S3_SCHEMES or (error.name or "") == "fsspec":
        return f"{scheme}:// needs pip install 'nkwire[s3]'"
    return f"{scheme}:// needs a library: {_reason(error)}"


def _reason(error: BaseException) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return conceal(text)[:_MAX_REASON_CHARS]


def _is_second(error: OSError) -> bool:
    if isinstance(error, FileExistsError):
        return True
    response = getattr(error.__cause__, "response", None) or {}
    return response.get("Error", {}).get("Code") in _REFUSED_SECOND
