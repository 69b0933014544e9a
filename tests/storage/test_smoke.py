from storage import open_database
from storage.records import Article, Saved


def test_an_article_is_stored_once(database_url: str) -> None:
    database = open_database(database_url, seed=1)
    article = Article(outlet="kcna", url="http://kcna.test/1", title="T", text="word " * 60)
    assert [r.saved for r in database.save([article])] == [Saved.NEW]
    assert [r.saved for r in database.save([article])] == [Saved.UNCHANGED]
    database.close()
