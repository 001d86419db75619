-- A plan: what a run would do, worked out without sending, and what the owner decided about it.
CREATE TABLE plans (
    row INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    -- The connection it is about; none means all of them.
    scope TEXT REFERENCES connections (id) ON DELETE CASCADE,
    state TEXT NOT NULL CHECK (state IN ('preparing', 'ready', 'running', 'done')),
    run_id TEXT,
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX plans_by_run ON plans (run_id) WHERE run_id IS NOT NULL;

CREATE TABLE plan_parts (
    plan_id TEXT NOT NULL REFERENCES plans (id) ON DELETE CASCADE,
    connection_id TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    vendor_name TEXT NOT NULL,
    account_name TEXT NOT NULL,
    error TEXT,
    PRIMARY KEY (plan_id, connection_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE plan_items (
    row INTEGER PRIMARY KEY,
    plan_id TEXT NOT NULL REFERENCES plans (id) ON DELETE CASCADE,
    connection_id TEXT NOT NULL,
    direction TEXT NOT NULL CHECK (direction IN ('in', 'out')),
    kind TEXT NOT NULL,
    -- What it is known by: the vendor's id of what comes in, ours of what goes out.
    record TEXT NOT NULL,
    local_id TEXT,
    title TEXT NOT NULL,
    action TEXT NOT NULL,
    fields TEXT NOT NULL,
    -- Of the record it was worked out from, and of what it would do.
    fingerprint TEXT NOT NULL,
    effect TEXT NOT NULL,
    decision TEXT NOT NULL CHECK (decision IN ('approve', 'approve_any', 'hold', 'skip')),
    -- A record of ours that may be the same one, with how sure that is in percent and why.
    pair_local_id TEXT,
    pair_title TEXT,
    pair_score INTEGER,
    pair_evidence TEXT,
    pair_same INTEGER,
    pair_proposed INTEGER,
    outcome TEXT CHECK (outcome IN ('done', 'held', 'skipped', 'moved', 'waits', 'nothing')),
    UNIQUE (plan_id, connection_id, direction, kind, record)
) STRICT;
CREATE INDEX plan_items_by_plan ON plan_items (plan_id, row);

-- Decisions that outlive their plan: held until the next preview, skipped until the record changes again.
CREATE TABLE sync_decisions (
    connection_id TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    direction TEXT NOT NULL CHECK (direction IN ('in', 'out')),
    kind TEXT NOT NULL,
    record TEXT NOT NULL,
    decision TEXT NOT NULL CHECK (decision IN ('hold', 'skip')),
    fingerprint TEXT NOT NULL,
    PRIMARY KEY (connection_id, direction, kind, record)
) STRICT, WITHOUT ROWID;

-- Records that came in and were not to be touched, as they came. Deletions have no record.
CREATE TABLE set_aside (
    connection_id TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    remote_id TEXT NOT NULL,
    version TEXT,
    updated_at TEXT,
    record TEXT,
    reason TEXT NOT NULL CHECK (reason IN ('hold', 'skip', 'moved')),
    PRIMARY KEY (connection_id, kind, remote_id)
) STRICT, WITHOUT ROWID;

-- Connections whose syncs wait for the owner's look, as every new one does.
CREATE TABLE asking (
    connection_id TEXT PRIMARY KEY REFERENCES connections (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
