-- Taking back: what an undo changed itself, and what became of records that ended on one side.

-- Of a run that undoes: the last change noted, of any run, when it wrote the earlier values; none while it still reads.
ALTER TABLE runs ADD COLUMN undone_after INTEGER;

-- A tombstone whose record may be sent anew, as another one.
ALTER TABLE links ADD COLUMN released INTEGER NOT NULL DEFAULT 0;
-- The record is archived here alone; over there it stays in use or not as they have it.
ALTER TABLE links ADD COLUMN archived_here INTEGER NOT NULL DEFAULT 0;
-- Of a tombstone: the vendor's id of the record that it was merged into.
ALTER TABLE links ADD COLUMN merged_into TEXT;
ALTER TABLE set_aside ADD COLUMN merged_into TEXT;
