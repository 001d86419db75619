-- What it takes to undo a run and to see any earlier state of a record.

-- The run that this one undoes.
ALTER TABLE runs ADD COLUMN undoes TEXT;

-- The record here before and after, whole; and what it was over there.
ALTER TABLE run_changes ADD COLUMN connection_id TEXT;
ALTER TABLE run_changes ADD COLUMN before_fields TEXT;
ALTER TABLE run_changes ADD COLUMN after_fields TEXT;
ALTER TABLE run_changes ADD COLUMN remote_id TEXT;
ALTER TABLE run_changes ADD COLUMN version TEXT;

-- The record as it was after the change.
ALTER TABLE history ADD COLUMN snapshot TEXT;

-- What undoing a run did to each record it had touched, or why it did nothing.
CREATE TABLE undo_steps (
    row INTEGER PRIMARY KEY,
    run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    local_id TEXT,
    title TEXT NOT NULL,
    outcome TEXT NOT NULL,
    fields TEXT NOT NULL,
    reasons TEXT NOT NULL,
    -- Its change has not been taken by every vendor yet.
    waiting INTEGER NOT NULL DEFAULT 0,
    -- What to return to when a vendor refuses.
    fallback TEXT
) STRICT;
CREATE INDEX undo_steps_by_run ON undo_steps (run_id, row);
CREATE INDEX undo_steps_waiting ON undo_steps (kind, local_id) WHERE waiting = 1;
