"""Keeps the end of a run from being stored after its job was given to another worker."""

from sqlalchemy import Connection, text

from storage.errors import JobLost

# Locked, so that nobody gives the job away before this transaction ends.
_HELD_SQL = """SELECT 1 FROM procrastinate_jobs
WHERE id = :job AND status = 'doing' FOR NO KEY UPDATE"""


def require_job(connection: Connection, job: int | None) -> None:
    """Raises JobLost unless a worker still has this job; nothing for a run without one.

    A job is done by one worker only: what a silent one did not end gets a new job.
    """
    if job is not None and connection.execute(text(_HELD_SQL), {"job": job}).first() is None:
        raise JobLost(f"the job {job} of this run was given to another worker")
