-- The brake, words on pairs that outlive their plan, and what is left for the next preview.

-- Streams whose reading from the start brought something, and which kinds that was.
CREATE TABLE full_reads (
    connection_id TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    stream TEXT NOT NULL,
    kind TEXT NOT NULL,
    PRIMARY KEY (connection_id, stream, kind)
) STRICT, WITHOUT ROWID;

-- Records that came in wait here too until it is known how many there are of them.
CREATE TABLE set_aside_new (
    connection_id TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    remote_id TEXT NOT NULL,
    version TEXT,
    updated_at TEXT,
    record TEXT,
    reason TEXT NOT NULL CHECK (reason IN ('hold', 'skip', 'moved', 'brake')),
    PRIMARY KEY (connection_id, kind, remote_id)
) STRICT, WITHOUT ROWID;
INSERT INTO set_aside_new SELECT * FROM set_aside;
DROP TABLE set_aside;
ALTER TABLE set_aside_new RENAME TO set_aside;

-- Why the brake would have stopped this part of a plan, as sentences.
ALTER TABLE plan_parts ADD COLUMN brake TEXT;
-- Once a part has been carried out its connection no longer waits for the owner's look.
ALTER TABLE plans ADD COLUMN without_asking INTEGER NOT NULL DEFAULT 0;

CREATE TABLE sync_decisions_new (
    connection_id TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    direction TEXT NOT NULL CHECK (direction IN ('in', 'out')),
    kind TEXT NOT NULL,
    record TEXT NOT NULL,
    decision TEXT NOT NULL CHECK (decision IN ('hold', 'skip', 'moved')),
    fingerprint TEXT NOT NULL,
    -- Not the owner's own word: it waits because this record of theirs may be the same one.
    pair_of TEXT,
    PRIMARY KEY (connection_id, direction, kind, record)
) STRICT, WITHOUT ROWID;
INSERT INTO sync_decisions_new (connection_id, direction, kind, record, decision, fingerprint)
    SELECT connection_id, direction, kind, record, decision, fingerprint FROM sync_decisions;
DROP TABLE sync_decisions;
ALTER TABLE sync_decisions_new RENAME TO sync_decisions;

-- Whether a record of theirs and one of ours are the same, as the owner said.
CREATE TABLE pair_words (
    connection_id TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    remote_id TEXT NOT NULL,
    local_id TEXT NOT NULL,
    same INTEGER NOT NULL,
    PRIMARY KEY (connection_id, kind, remote_id)
) STRICT, WITHOUT ROWID;
