-- Failures and what became of them. `failures`, `task_recoveries` and `task_retries` follow from Temporal: what is
-- deleted comes again from there. The other tables hold what only rekindle knows; a rebuild takes them over.

-- Every run that failed, timed out or was terminated, also when a later run of its task made up for it. A run that
-- somebody cancelled is none.
CREATE TABLE failures (
    run_id TEXT PRIMARY KEY,
    task_id TEXT NOT NULL,
    task_type TEXT NOT NULL,
    category TEXT NOT NULL,
    rule TEXT NOT NULL,
    confidence REAL NOT NULL,
    -- groups messages that differ in their values only
    fingerprint TEXT NOT NULL DEFAULT '',
    message TEXT NOT NULL,
    error_type TEXT NOT NULL,
    host TEXT,
    step TEXT,
    retry_type TEXT,
    -- recoveries of the task up to this run
    recovery_attempts INTEGER NOT NULL DEFAULT 0,
    run_status TEXT NOT NULL,
    failed_at TIMESTAMP NOT NULL
);

-- Runs that a recovery started.
CREATE TABLE task_recoveries (
    run_id TEXT PRIMARY KEY,
    task_id TEXT NOT NULL,
    task_type TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    -- the category or custom strategy that set the delay; `forced`: a person asked for it
    strategy TEXT NOT NULL,
    delay_seconds REAL NOT NULL,
    -- the step it went on from; null: from the start
    from_step TEXT,
    scheduled_at TIMESTAMP NOT NULL,
    -- which of two runs that carry the same note is the one that the recovery started: the first
    run_started_ms INTEGER NOT NULL,
    ended_at TIMESTAMP,
    -- scheduled, completed, failed or cancelled
    outcome TEXT NOT NULL,
    -- from the run's start until it got past its checkpoint; null: it has not
    resumed_after_ms INTEGER
);

-- Ended runs in which steps were retried: how many steps, how many of those succeeded, and their attempts.
CREATE TABLE task_retries (
    run_id TEXT PRIMARY KEY,
    total INTEGER NOT NULL,
    good INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    ended_at TIMESTAMP NOT NULL
);

-- What a failure scan did about a failed run.
CREATE TABLE failure_handling (
    run_id TEXT PRIMARY KEY,
    task_id TEXT NOT NULL,
    -- auto_recovery, admin_notification, user_notification, skipped or error; `error` is tried again
    action TEXT NOT NULL,
    detail TEXT,
    delay_seconds REAL,
    -- number of the recovery
    attempt INTEGER,
    scan_id TEXT NOT NULL,
    failed_at TIMESTAMP NOT NULL,
    handled_at TIMESTAMP NOT NULL
);

-- What a person said a failure should have been classified as.
CREATE TABLE classification_verdicts (
    run_id TEXT PRIMARY KEY,
    category TEXT NOT NULL,
    right_category TEXT NOT NULL,
    judged_at TIMESTAMP NOT NULL
);

CREATE TABLE notifications (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    audience TEXT NOT NULL,
    priority TEXT NOT NULL,
    task_id TEXT,
    task_type TEXT,
    category TEXT,
    fingerprint TEXT,
    -- those with one key are told together
    group_key TEXT NOT NULL,
    title TEXT,
    message TEXT NOT NULL,
    occurred_at TIMESTAMP NOT NULL,
    decided_at TIMESTAMP NOT NULL,
    logged_at TIMESTAMP NOT NULL,
    first_delivered_at TIMESTAMP,
    digest_id TEXT
);

-- How each channel fared with a digest, which tells `count` notifications of a group as one message.
CREATE TABLE notification_deliveries (
    digest_id TEXT NOT NULL,
    channel TEXT NOT NULL,
    group_key TEXT NOT NULL,
    -- delivered, failed (for good) or retrying
    status TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    last_error TEXT,
    count INTEGER NOT NULL,
    decided_at TIMESTAMP NOT NULL,
    delivered_at TIMESTAMP,
    updated_at TIMESTAMP NOT NULL,
    PRIMARY KEY (digest_id, channel)
) WITHOUT ROWID;

-- The in-app channel.
CREATE TABLE messages (
    id TEXT PRIMARY KEY,
    team TEXT NOT NULL,
    audience TEXT NOT NULL,
    priority TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    count INTEGER NOT NULL,
    -- JSON array
    task_ids TEXT NOT NULL DEFAULT '[]',
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    read_at TIMESTAMP
);

CREATE TABLE alerts (
    name TEXT PRIMARY KEY,
    raised INTEGER NOT NULL,
    -- when it was last raised or cleared; null: it never was raised
    since_at TIMESTAMP,
    value REAL,
    threshold REAL,
    checked_at TIMESTAMP NOT NULL
) WITHOUT ROWID;

CREATE TABLE health_checks (
    checked_at TIMESTAMP PRIMARY KEY,
    available INTEGER NOT NULL,
    -- JSON object
    details TEXT
) WITHOUT ROWID;

-- Comparisons with all of Temporal: tasks that had not changed lately, and how many rows were as Temporal said.
CREATE TABLE reconciliations (
    at TIMESTAMP PRIMARY KEY,
    compared INTEGER NOT NULL,
    agreed INTEGER NOT NULL
) WITHOUT ROWID;

-- What was cleaned up must not come back from Temporal.
CREATE TABLE clean_up_marks (
    name TEXT PRIMARY KEY,
    before_ms INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX failures_by_moment ON failures (failed_at);
CREATE INDEX failures_by_category ON failures (category, failed_at);
CREATE INDEX failures_by_type ON failures (task_type, failed_at);
CREATE INDEX failures_by_fingerprint ON failures (fingerprint, failed_at);
CREATE INDEX task_recoveries_by_end ON task_recoveries (ended_at, strategy, outcome)
    WHERE ended_at IS NOT NULL;
CREATE INDEX task_recoveries_by_note ON task_recoveries (task_id, scheduled_at);
CREATE INDEX task_retries_by_end ON task_retries (ended_at);
CREATE INDEX failure_handling_by_time ON failure_handling (handled_at, action, failed_at);
CREATE INDEX classification_verdicts_by_time ON classification_verdicts (judged_at);
CREATE INDEX notifications_by_time ON notifications (decided_at, audience);
CREATE INDEX notifications_waiting ON notifications (group_key, occurred_at) WHERE first_delivered_at IS NULL;
CREATE INDEX notification_deliveries_by_time ON notification_deliveries (decided_at);
CREATE INDEX notification_deliveries_by_success ON notification_deliveries (delivered_at)
    WHERE delivered_at IS NOT NULL;
CREATE INDEX messages_by_team ON messages (team, updated_at);
CREATE INDEX messages_by_time ON messages (updated_at);
-- Only ended runs, so that following a running task does not touch it.
CREATE INDEX task_runs_by_close ON task_runs (run_status, run_closed_ms) WHERE run_closed_ms IS NOT NULL;
CREATE INDEX sessions_by_type ON sessions (session_type, created_at);
