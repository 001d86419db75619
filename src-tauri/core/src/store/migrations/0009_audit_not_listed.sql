-- A difference may also be that a record was not listed over there and not looked up.
CREATE TABLE audit_findings_new (
    row INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    connection_id TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    cause TEXT NOT NULL CHECK (
        cause IN (
            'missing_here', 'missing_there', 'deleted_there', 'not_listed', 'changed_there', 'changed_here', 'changed_both'
        )
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
INSERT INTO audit_findings_new SELECT * FROM audit_findings;
DROP TABLE audit_findings;
ALTER TABLE audit_findings_new RENAME TO audit_findings;
CREATE INDEX audit_findings_by_connection ON audit_findings (connection_id, kind, day);
