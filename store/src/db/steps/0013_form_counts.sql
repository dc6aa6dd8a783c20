-- How many documents of a form each author has in each state, those that were handed on before apart from new ones, and
-- when the one that waits the longest was last changed: kept up to date by what changes, so that nobody counts them all
-- again. The rows of a form hold once its `counted` is 1; an earlier program did not write them.
CREATE TABLE form_count (
    code TEXT NOT NULL,
    author TEXT NOT NULL,
    state TEXT NOT NULL,
    handed_on BIGINT NOT NULL,
    documents BIGINT NOT NULL,
    since BIGINT NOT NULL,
    PRIMARY KEY (code, author, state, handed_on)
) WITHOUT ROWID;
-- How many there are of each period.
CREATE TABLE form_period (
    code TEXT NOT NULL,
    period TEXT NOT NULL,
    documents BIGINT NOT NULL,
    PRIMARY KEY (code, period)
) WITHOUT ROWID;
ALTER TABLE form_table ADD COLUMN counted BIGINT NOT NULL DEFAULT 0;
-- Whether documents may wait for a release that was not here when they came: 0 if none does, 2 while they are looked for.
ALTER TABLE form_table ADD COLUMN waiting BIGINT NOT NULL DEFAULT 1;
