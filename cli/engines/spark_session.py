"""Starts and ends Spark for one run, and says in one line what went wrong."""

import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.errors import UserError
from dedup.errors import NkwireError
from dedup.temporary_folder import temporary_folder

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_DEFAULTS = {
    # No server for web pages that nobody asked for, and no bar of Spark's own across ours.
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    # On one machine most of Java's time went into compiling. extraJavaOptions come after these.
    "spark.driver.defaultJavaOptions": "-XX:TieredStopAtLevel=1",
}
"""What whoever starts Spark may set otherwise (PYSPARK_SUBMIT_ARGS, spark-submit)."""

_SHUFFLE_PARTITIONS = "spark.sql.shuffle.partitions"
_BATCH_ROWS = "spark.sql.execution.arrow.maxRecordsPerBatch"
_MAX_BATCH_ROWS = "2000"
"""Rows hold whole texts."""

_LAST_LINE_OF_A_TRACEBACK = re.compile(r"^(?:\w+\.)*(\w+): (.+)$", re.MULTILINE)
_USER_ERRORS = ("UserError", "TableRefused", "MissingLibrary", "FileNotFoundError")
"""What a task raises because of the files that it was given."""

_JAVA_MISSING = "--engine spark needs Java 17: install it, and set JAVA_HOME if it is not found"


class SparkFailed(NkwireError):
    """Spark ended a run. A file that was not yet written is as it was."""

    exit_code = 1


@contextmanager
def start_spark() -> Iterator["SparkSession"]:
    """Gives a session of Spark and ends it afterwards; one that runs already is used and kept.

    Spark's own settings choose the cluster: `spark-submit`, PYSPARK_SUBMIT_ARGS or
    `spark-defaults.conf`; without any it is all cores of this machine. Raises UserError if Spark or
    Java is missing or a file cannot be used, SparkFailed if the run fails otherwise.
    """
    for name in ("pyspark", "pyarrow", "pandas"):
        try:
            import_module(name)
        except ImportError:
            raise UserError("--engine spark needs pip install 'nkwire[spark]'") from None
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    with temporary_folder() as folder, warnings.catch_warnings():
        # Only Arrow batches are used, which do not pass through pandas.
        warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas")
        try:
            if active := SparkSession.getActiveSession():
                yield active
                return
            with _own_session(folder / "spark.log") as session:
                yield session
        except PySparkException as error:
            raise _explain(str(error)) from error


@contextmanager
def _own_session(log: Path) -> Iterator["SparkSession"]:
    from py4j.protocol import Py4JError
    from pyspark import SparkConf, SparkContext
    from pyspark.errors import PySparkRuntimeError
    from pyspark.java_gateway import launch_gateway
    from pyspark.sql import SparkSession

    with log.open("wb") as file:
        conf = SparkConf(loadDefaults=False)
        conf.setAll(list(_DEFAULTS.items()))
        try:
            gateway = launch_gateway(conf, {"stdout": file, "stderr": file})
        except PySparkRuntimeError:
            raise UserError(_JAVA_MISSING) from None
        try:
            context = SparkContext(gateway=gateway)
            if gateway.proc is not None:  # else spark-submit started it, and its log is wanted
                context.setLogLevel("OFF")
            is_local = str(context.master).startswith("local")
            if is_local and context.pythonExec == "python3":
                context.pythonExec = sys.executable
            session = SparkSession(context)
            session.conf.set(_BATCH_ROWS, _MAX_BATCH_ROWS)
            if is_local and not context.getConf().contains(_SHUFFLE_PARTITIONS):
                # Each partition starts a Python task, and Spark's 200 are for many machines.
                session.conf.set(_SHUFFLE_PARTITIONS, str(2 * context.defaultParallelism))
            try:
                yield session
            finally:
                session.stop()
        except Py4JError as error:
            raise _explain(str(error)) from error
        finally:
            _end(gateway)


def _end(gateway: Any) -> None:
    """Ends Java, so that nothing is left behind and Spark can be started again."""
    from pyspark import SparkContext

    gateway.shutdown()
    if gateway.proc is not None:
        gateway.proc.stdin.close()
        gateway.proc.wait()
    SparkContext._gateway = SparkContext._jvm = None


def _explain(message: str) -> NkwireError:
    """Returns the error of an executor in one line, else what Spark says first.

    `message`: that of an error of Spark, with the traceback of the executor in it.
    """
    found = _LAST_LINE_OF_A_TRACEBACK.findall(message.partition("SQLSTATE")[0])
    if not found:
        return SparkFailed(f"Spark failed: {message.strip().partition(chr(10))[0]}")
    name, reason = found[-1]
    if name in _USER_ERRORS:
        return UserError(reason)
    return SparkFailed(f"an executor of Spark failed: {name}: {reason}")
