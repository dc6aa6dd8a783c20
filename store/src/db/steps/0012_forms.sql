-- Every release of a form that was ever held here: a document stays readable under the one it was filled in under, so
-- that nothing is ever taken away. An earlier program may have passed such a catalog on without knowing it.
CREATE TABLE form_definition (
    publisher TEXT NOT NULL,
    code TEXT NOT NULL,
    release BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (publisher, code, release)
);
INSERT INTO form_definition (publisher, code, release, body)
    SELECT publisher, key, release, body FROM catalog_entry WHERE catalog = 'forms';

-- Which forms have tables of their own, made when a release of theirs is applied, and their columns as JSON.
CREATE TABLE form_table (
    code TEXT NOT NULL PRIMARY KEY,
    publisher TEXT NOT NULL,
    columns TEXT NOT NULL,
    made_at BIGINT NOT NULL
);
