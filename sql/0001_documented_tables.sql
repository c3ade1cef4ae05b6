-- The three tables that the documents promise, with exactly their columns and defaults (SPEC section 9).
-- Timestamps are text in UTC, `YYYY-MM-DD HH:MM:SS.SSS`: what SQLite's date functions read, and what sorts
-- and compares beside CURRENT_TIMESTAMP.

CREATE TABLE task_states (
    task_id TEXT PRIMARY KEY,
    task_type TEXT NOT NULL,
    status TEXT NOT NULL,
    progress REAL DEFAULT 0,
    data TEXT,
    checkpoint_data TEXT,
    retry_count INTEGER DEFAULT 0,
    last_error TEXT,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE sessions (
    session_id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    session_type TEXT NOT NULL,
    status TEXT NOT NULL,
    data TEXT,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    expires_at TIMESTAMP
);

CREATE TABLE recovery_logs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    recovery_type TEXT NOT NULL,
    task_id TEXT,
    session_id TEXT,
    status TEXT NOT NULL,
    details TEXT,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);
