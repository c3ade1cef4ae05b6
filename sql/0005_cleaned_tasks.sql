-- Tasks with several runs that were cleaned up: Temporal may still have an earlier, failed run of such a task, and by
-- that run alone nobody could tell that a later one made up for it. `version` is the latest run's, as in task_runs.
CREATE TABLE cleaned_tasks (
    task_id TEXT PRIMARY KEY,
    version TEXT NOT NULL
) WITHOUT ROWID;
