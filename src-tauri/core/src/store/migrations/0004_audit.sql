-- Decided conflicts, dropped changes, and the comparison of both sides day by day.

-- Who wins when both sides changed the same field; without a row the owner is asked.
CREATE TABLE conflict_rules (
    connection_id TEXT PRIMARY KEY REFERENCES connections (id) ON DELETE CASCADE,
    rule TEXT NOT NULL CHECK (rule IN ('ours', 'theirs'))
) STRICT;

-- Changes that the owner decided not to send.
CREATE TABLE dropped (
    row INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    connection_id TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    local_id TEXT NOT NULL,
    title TEXT NOT NULL,
    operation TEXT NOT NULL,
    -- Why it waited, and why the owner dropped it.
    why TEXT NOT NULL,
    reason TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    dropped_at TEXT NOT NULL
) STRICT;

-- The newest audit of each connection; a new one takes the place of the one before.
CREATE TABLE audits (
    connection_id TEXT PRIMARY KEY REFERENCES connections (id) ON DELETE CASCADE,
    checked_at TEXT NOT NULL,
    from_day TEXT NOT NULL,
    to_day TEXT NOT NULL,
    -- Why it could not be finished; empty when it could.
    error TEXT NOT NULL DEFAULT ''
) STRICT;

-- Counts and sums of a kind on a day; kinds without a day have an empty one, amounts without a currency likewise.
CREATE TABLE audit_days (
    connection_id TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    day TEXT NOT NULL,
    currency TEXT NOT NULL,
    here_count INTEGER NOT NULL,
    here_minor INTEGER NOT NULL,
    there_count INTEGER NOT NULL,
    there_minor INTEGER NOT NULL,
    waiting_count INTEGER NOT NULL,
    PRIMARY KEY (connection_id, kind, day, currency)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit_findings (
    row INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    connection_id TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    cause TEXT NOT NULL CHECK (
        cause IN ('missing_here', 'missing_there', 'deleted_there', 'changed_there', 'changed_here', 'changed_both')
    ),
    local_id TEXT,
    remote_id TEXT,
    title TEXT NOT NULL,
    day TEXT NOT NULL,
    here_minor INTEGER,
    there_minor INTEGER,
    currency TEXT NOT NULL,
    fields TEXT NOT NULL,
    fixed_at TEXT,
    -- What came of mending it, as a sentence.
    outcome TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX audit_findings_by_connection ON audit_findings (connection_id, kind, day);
