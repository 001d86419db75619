-- Names the state of this file. Every write puts a new mark here, beside the one before it, so that changes left in a -wal can be
-- told from those of another copy (`store/file/life.rs`). The row always lies on a page of its own.
CREATE TABLE life (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    mark TEXT NOT NULL
) STRICT;
INSERT INTO life (id, mark)
VALUES (1, 'backroom-life ' || '00000000000000000000000000000000' || ' ' || lower(hex(randomblob(16))));
