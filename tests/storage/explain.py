"""How a database answers a statement, in its own words."""

from typing import Any

from sqlalchemy import ClauseElement, Executable
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler


class Explain(Executable, ClauseElement):
    """EXPLAIN of a statement, in the database's own words."""

    inherit_cache = False

    def __init__(self, statement: ClauseElement) -> None:
        self.statement = statement


@compiles(Explain, "sqlite")
def _sqlite(element: Explain, compiler: SQLCompiler, **kw: Any) -> str:
    return f"EXPLAIN QUERY PLAN {compiler.process(element.statement, **kw)}"


@compiles(Explain, "postgresql")
def _postgresql(element: Explain, compiler: SQLCompiler, **kw: Any) -> str:
    return f"EXPLAIN (COSTS OFF) {compiler.process(element.statement, **kw)}"
