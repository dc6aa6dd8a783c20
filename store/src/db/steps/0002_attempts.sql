-- How often signing in to an account failed before it last succeeded: what its owner is told.
ALTER TABLE account ADD COLUMN failures_before BIGINT NOT NULL DEFAULT 0;

-- What the log says of one subject, newest first, is found without reading the rest of it.
CREATE INDEX audit_subject ON audit (subject, number);
