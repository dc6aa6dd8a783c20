-- The end of each child's audit log as the child last signed it, and a later one that was shorter, if one came.
CREATE TABLE audit_witness (
    region TEXT NOT NULL PRIMARY KEY,
    number BIGINT NOT NULL,
    digest BLOB NOT NULL,
    signed_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    envelope BLOB NOT NULL,
    back_number BIGINT,
    back_at BIGINT
);
