-- rekindle's own notes. Reports read the documented tables; these say which run a row came from and how far
-- the projector got.

-- The run that a row of task_states shows. `version` sorts as text: a later run, and within a run the later
-- state, has the greater one (src/mirror/row.ts), so writing twice or in the wrong order changes nothing.
CREATE TABLE task_runs (
    task_id TEXT PRIMARY KEY,
    version TEXT NOT NULL,
    run_id TEXT NOT NULL,
    run_status TEXT NOT NULL,
    -- milliseconds since the epoch, as Temporal gives them
    run_started_ms INTEGER NOT NULL,
    run_closed_ms INTEGER,
    first_started_ms INTEGER NOT NULL,
    step TEXT,
    -- FailureInfo as JSON; task_states.last_error has its message
    failure TEXT,
    recovery_attempts INTEGER NOT NULL DEFAULT 0,
    -- RecoveryNote[] as JSON
    recovery_notes TEXT NOT NULL DEFAULT '[]'
) WITHOUT ROWID;

CREATE TABLE projector_cursor (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    -- changes up to here are in; null: nothing was projected yet
    changed_ms INTEGER,
    -- last time that all of it was compared with Temporal; null: never, so it is due
    reconciled_ms INTEGER,
    -- last pass over the changes
    projected_ms INTEGER,
    -- completed tasks that closed before were cleaned up and must not come back; null: none were
    cleaned_before_ms INTEGER
);
INSERT INTO projector_cursor (id) VALUES (1);

-- Activities may run twice: a log entry written under a key is written once.
CREATE TABLE recovery_log_keys (
    key TEXT PRIMARY KEY,
    log_id INTEGER NOT NULL
) WITHOUT ROWID;

-- With the type, so that counting by status and type reads only the index.
CREATE INDEX task_states_by_status ON task_states (status, updated_at, task_type);
CREATE INDEX task_states_by_type ON task_states (task_type, updated_at);
CREATE INDEX task_states_by_update ON task_states (updated_at);
CREATE INDEX sessions_by_status ON sessions (status, updated_at);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);
CREATE INDEX recovery_logs_by_time ON recovery_logs (created_at);
CREATE INDEX recovery_logs_by_task ON recovery_logs (task_id);
