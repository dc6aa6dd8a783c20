-- What one child used of its daily quota, and how often it was refused for it. The day is counted from 1970.
CREATE TABLE child_quota (
    region TEXT NOT NULL,
    what TEXT NOT NULL,
    day BIGINT NOT NULL,
    used BIGINT NOT NULL,
    refused BIGINT NOT NULL,
    refused_at BIGINT,
    PRIMARY KEY (region, what)
);

-- A release that a child spoke of and that this database does not know is only what the child says, until it is proven.
UPDATE child_state SET progress = 'claimed' WHERE progress = 'applied' AND number >
    (SELECT COALESCE(MAX(r.number), 0) FROM catalog_release AS r
     WHERE r.publisher = child_state.publisher AND r.catalog = child_state.catalog);
