"""The database itself keeps the totals of each day, by triggers; the latest times have indexes.

Triggers keep the totals exact whoever writes, and whatever is rolled back. A story counts for the
first article of each outlet in it, so the totals of days add up to the number of stories.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_CLOCK_TIME = sa.text("coalesce(published_precision, '') NOT IN ('day', 'month', 'year')")

_FILL = """
INSERT INTO day_total (outlet, day, statement_level, articles, stubs, edited, gone, stories)
SELECT outlet, {day}, statement_level, count(*), sum(stub), sum(edited), count(gone_at), sum(first)
FROM (
 SELECT article.outlet, article.statement_level, article.gone_at,
  coalesce(article.published_at, article.first_seen_at) AS at,
  CASE WHEN article.page_class = 'article' THEN 0 ELSE 1 END AS stub,
  CASE WHEN versions.article_id IS NULL THEN 0 ELSE 1 END AS edited,
  CASE WHEN article.story_id IS NOT NULL AND row_number() OVER (
   PARTITION BY article.story_id, article.outlet
   ORDER BY coalesce(article.published_at, article.first_seen_at), article.id) = 1
  THEN 1 ELSE 0 END AS first
 FROM article LEFT JOIN (
  SELECT article_id FROM version GROUP BY article_id HAVING count(*) > 1
 ) AS versions ON versions.article_id = article.id
) AS counted
GROUP BY outlet, {day}, statement_level
"""

# SQLite runs the triggers of a row before it changes the next row. {r}: the row, {s}: 1 or -1.
_SQLITE_DAY = "substr(coalesce({r}.published_at, {r}.first_seen_at), 1, 10)"
_SQLITE_COUNT = f"""
INSERT INTO day_total (outlet, day, statement_level, articles, stubs, edited, gone, stories)
VALUES ({{r}}.outlet, {_SQLITE_DAY}, {{r}}.statement_level, {{s}},
 {{s}} * ({{r}}.page_class <> 'article'),
 {{s}} * ((SELECT count(*) FROM version WHERE article_id = {{r}}.id) > 1),
 {{s}} * ({{r}}.gone_at IS NOT NULL), 0)
ON CONFLICT (outlet, day, statement_level) DO UPDATE SET
 articles = articles + excluded.articles, stubs = stubs + excluded.stubs,
 edited = edited + excluded.edited, gone = gone + excluded.gone;
"""
_SQLITE_COUNT_STORY = f"""
UPDATE day_total SET stories = stories - {{s}}
WHERE (outlet, day, statement_level) = (
 SELECT outlet, substr(at, 1, 10), statement_level FROM (
  SELECT outlet, coalesce(published_at, first_seen_at) AS at, id, statement_level FROM article
  WHERE story_id = {{r}}.story_id AND outlet = {{r}}.outlet AND id <> {{r}}.id
  ORDER BY coalesce(published_at, first_seen_at), id LIMIT 1
 ) WHERE (at, id) > (coalesce({{r}}.published_at, {{r}}.first_seen_at), {{r}}.id)
);
UPDATE day_total SET stories = stories + {{s}}
WHERE outlet = {{r}}.outlet AND day = {_SQLITE_DAY} AND statement_level = {{r}}.statement_level
AND {{r}}.story_id IS NOT NULL AND NOT EXISTS (
 SELECT 1 FROM article
 WHERE story_id = {{r}}.story_id AND outlet = {{r}}.outlet AND id <> {{r}}.id
 AND (coalesce(published_at, first_seen_at), id)
  < (coalesce({{r}}.published_at, {{r}}.first_seen_at), {{r}}.id)
);
"""
_SQLITE_COUNT_EDITED = """
UPDATE day_total SET edited = edited + {s}
WHERE (outlet, day, statement_level) = (
 SELECT outlet, substr(coalesce(published_at, first_seen_at), 1, 10), statement_level
 FROM article WHERE id = {r}.article_id
);
"""
_SQLITE_COLUMNS = ("outlet", "page_class", "published_at", "first_seen_at", "statement_level")
_SQLITE_IS_CHANGED = (
    " OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in _SQLITE_COLUMNS)
    + " OR (OLD.gone_at IS NULL) <> (NEW.gone_at IS NULL)"
)
_SQLITE_VERSIONS = "(SELECT count(*) FROM version WHERE article_id = {r}.article_id)"


def _sqlite_bodies(row: str, sign: int) -> str:
    return (_SQLITE_COUNT + _SQLITE_COUNT_STORY).format(r=row, s=sign)


# On SQLite a removed row is not counted by the time its trigger runs, an added one is.
_SQLITE_TRIGGERS = {
    "day_total_article_added": f"""
AFTER INSERT ON article BEGIN {_sqlite_bodies("NEW", 1)} END""",
    "day_total_article_removed": f"""
AFTER DELETE ON article BEGIN {_sqlite_bodies("OLD", -1)} END""",
    "day_total_article_changed": f"""
AFTER UPDATE OF {", ".join(_SQLITE_COLUMNS)}, gone_at ON article WHEN {_SQLITE_IS_CHANGED}
BEGIN {_sqlite_bodies("OLD", -1)} {_sqlite_bodies("NEW", 1)} END""",
    "day_total_story_changed": f"""
AFTER UPDATE OF story_id ON article WHEN OLD.story_id IS NOT NULL
AND OLD.story_id IS NOT NEW.story_id AND NOT ({_SQLITE_IS_CHANGED})
BEGIN {_SQLITE_COUNT_STORY.format(r="OLD", s=-1)} {_SQLITE_COUNT_STORY.format(r="NEW", s=1)} END""",
    "day_total_story_found": f"""
AFTER UPDATE OF story_id ON article WHEN OLD.story_id IS NULL
AND NEW.story_id IS NOT NULL AND NOT ({_SQLITE_IS_CHANGED})
BEGIN {_SQLITE_COUNT_STORY.format(r="NEW", s=1)} END""",
    "day_total_version_added": f"""
AFTER INSERT ON version WHEN {_SQLITE_VERSIONS.format(r="NEW")} = 2
BEGIN {_SQLITE_COUNT_EDITED.format(r="NEW", s=1)} END""",
    "day_total_version_removed": f"""
AFTER DELETE ON version WHEN {_SQLITE_VERSIONS.format(r="OLD")} = 1
BEGIN {_SQLITE_COUNT_EDITED.format(r="OLD", s=-1)} END""",
}

# Before a row changes, a PostgreSQL trigger sees what the statement did to the rows before it;
# afterwards it would see all rows changed.
_POSTGRESQL_DAY = "(coalesce({r}.published_at, {r}.first_seen_at) AT TIME ZONE 'UTC')::date"
_POSTGRESQL_FUNCTIONS = (
    f"""
CREATE FUNCTION day_total_count(a article, sign integer, is_counted boolean) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
 other article;
 own integer := 0;
BEGIN
 IF a.story_id IS NOT NULL THEN
  SELECT * INTO other FROM article WHERE story_id = a.story_id AND outlet = a.outlet AND id <> a.id
  ORDER BY coalesce(published_at, first_seen_at), id LIMIT 1;
  IF NOT FOUND THEN
   own := sign;
  ELSIF (coalesce(a.published_at, a.first_seen_at), a.id)
   < (coalesce(other.published_at, other.first_seen_at), other.id) THEN
   own := sign;
   UPDATE day_total SET stories = stories - sign WHERE outlet = other.outlet
   AND day = {_POSTGRESQL_DAY.format(r="other")} AND statement_level = other.statement_level;
  END IF;
 END IF;
 IF is_counted THEN
  INSERT INTO day_total AS total
   (outlet, day, statement_level, articles, stubs, edited, gone, stories)
  VALUES (a.outlet, {_POSTGRESQL_DAY.format(r="a")}, a.statement_level, sign,
   CASE WHEN a.page_class = 'article' THEN 0 ELSE sign END,
   CASE WHEN (SELECT count(*) FROM version WHERE article_id = a.id) > 1 THEN sign ELSE 0 END,
   CASE WHEN a.gone_at IS NULL THEN 0 ELSE sign END, own)
  ON CONFLICT (outlet, day, statement_level) DO UPDATE SET
   articles = total.articles + excluded.articles, stubs = total.stubs + excluded.stubs,
   edited = total.edited + excluded.edited, gone = total.gone + excluded.gone,
   stories = total.stories + excluded.stories;
 ELSIF own <> 0 THEN
  UPDATE day_total SET stories = stories + own WHERE outlet = a.outlet
  AND day = {_POSTGRESQL_DAY.format(r="a")} AND statement_level = a.statement_level;
 END IF;
END $$""",
    """
CREATE FUNCTION day_total_article() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
 is_counted boolean := true;
BEGIN
 IF TG_OP = 'UPDATE' THEN
  is_counted := (OLD.outlet, OLD.page_class, OLD.published_at, OLD.first_seen_at,
   OLD.statement_level, OLD.gone_at IS NULL) IS DISTINCT FROM
   (NEW.outlet, NEW.page_class, NEW.published_at, NEW.first_seen_at,
   NEW.statement_level, NEW.gone_at IS NULL);
  IF NOT is_counted AND OLD.story_id IS NOT DISTINCT FROM NEW.story_id THEN
   RETURN NEW;
  END IF;
 END IF;
 IF TG_OP <> 'INSERT' THEN
  PERFORM day_total_count(OLD, -1, is_counted);
 END IF;
 IF TG_OP = 'DELETE' THEN
  RETURN OLD;
 END IF;
 PERFORM day_total_count(NEW, 1, is_counted);
 RETURN NEW;
END $$""",
    f"""
CREATE FUNCTION day_total_version() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
 of_article bigint;
 versions integer;
 a article;
BEGIN
 IF TG_OP = 'DELETE' THEN
  of_article := OLD.article_id;
 ELSE
  of_article := NEW.article_id;
 END IF;
 SELECT count(*) INTO versions FROM version WHERE article_id = of_article;
 IF versions = (CASE WHEN TG_OP = 'DELETE' THEN 2 ELSE 1 END) THEN
  SELECT * INTO a FROM article WHERE id = of_article;
  UPDATE day_total SET edited = edited + CASE WHEN TG_OP = 'DELETE' THEN -1 ELSE 1 END
  WHERE outlet = a.outlet AND day = {_POSTGRESQL_DAY.format(r="a")}
  AND statement_level = a.statement_level;
 END IF;
 IF TG_OP = 'DELETE' THEN
  RETURN OLD;
 END IF;
 RETURN NEW;
END $$""",
    """
CREATE TRIGGER day_total_article BEFORE INSERT OR DELETE OR UPDATE OF outlet, page_class,
 published_at, first_seen_at, statement_level, gone_at, story_id
ON article FOR EACH ROW EXECUTE FUNCTION day_total_article()""",
    """
CREATE TRIGGER day_total_version BEFORE INSERT OR DELETE
ON version FOR EACH ROW EXECUTE FUNCTION day_total_version()""",
)


def upgrade() -> None:
    """Apply."""
    columns = ("articles", "stubs", "edited", "gone", "stories")
    op.create_table(
        "day_total",
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("statement_level", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in columns),
        sa.PrimaryKeyConstraint("outlet", "day", "statement_level", name="pk_day_total"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_article_story_id_outlet", "article", ["story_id", "outlet"])
    op.create_index("ix_article_outlet_last_captured_at", "article", ["outlet", "last_captured_at"])
    op.create_index("ix_article_outlet_published_at", "article", ["outlet", "published_at"])
    op.create_index(
        "ix_article_clock_time",
        "article",
        ["outlet", "published_at"],
        sqlite_where=_CLOCK_TIME,
        postgresql_where=_CLOCK_TIME,
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute(_FILL.format(day="substr(at, 1, 10)"))
        for name, body in _SQLITE_TRIGGERS.items():
            op.execute(f"CREATE TRIGGER {name} {body}")
    else:
        op.execute(_FILL.format(day="(at AT TIME ZONE 'UTC')::date"))
        for statement in _POSTGRESQL_FUNCTIONS:
            op.execute(sa.text(statement.replace(":", "\\:")))
