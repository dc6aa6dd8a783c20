-- Every release of what a bureau adds to a form from above, kept for the documents that were filled in with it. An
-- earlier program may have passed such a catalog on without knowing it.
CREATE TABLE form_supplement (
    publisher TEXT NOT NULL,
    code TEXT NOT NULL,
    release BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (publisher, code, release)
);
INSERT INTO form_supplement (publisher, code, release, body)
    SELECT publisher, key, release, body FROM catalog_entry WHERE catalog = 'supplements';
