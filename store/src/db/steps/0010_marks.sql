-- By what the last change taken from a child is known again. A database that was put back from a plain copy and went on
-- before it was connected has another change under this number, and is told apart from the one that sent this.
ALTER TABLE stream_position ADD COLUMN mark BLOB;
