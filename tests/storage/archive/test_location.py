import pytest

from storage.archive.location import check_address, is_address, looks_like_address
from storage.errors import InvalidRequest


@pytest.mark.parametrize(
    ("address", "clean"),
    [
        ("s3://corpus/warc/", "s3://corpus/warc"),
        ("s3://corpus", "s3://corpus"),
        ("abfs://corpus@account.dfs.core.windows.net/warc", None),
        ("hdfs://nkwire@namenode:8020/warc", None),
        ("file:///mnt/archive", None),
        ("s3://corpus/조선 중앙\u3000통신.jsonl", None),
    ],
)
def test_addresses_of_object_storage_are_taken(address: str, clean: str | None) -> None:
    assert check_address(address) == (clean or address)


@pytest.mark.parametrize(
    "address",
    [
        "/mnt/archive",
        "s3:/corpus/warc",
        "s3://",
        "s3:///warc",
        "file:///",
        "s3://key:hidden@corpus/warc",
        "s3://corpus/warc?token=hidden",
        "https://hidden.example/corpus",
        "sqlite:///hidden.db",
        "simplecache::s3://corpus",
        "s3://two words",
        "s3://corpus/two\nlines",
        "s3://corpus/../hidden",
    ],
)
def test_other_addresses_are_refused_and_not_repeated(address: str) -> None:
    with pytest.raises(InvalidRequest) as raised:
        check_address(address)
    assert "hidden" not in str(raised.value)
    assert "\n" not in str(raised.value)


def test_paths_are_no_addresses() -> None:
    for path in ("a/b", "/a/b", "./s3:/b", "c:/d", "corpus.jsonl", "-", "a::b"):
        assert not is_address(path)
        assert not looks_like_address(path)
    assert looks_like_address("s3:/bucket")  # what `Path` makes of an address
