-- The lives of the databases whose streams come here, each with a number of its own within author and stream: the one
-- it goes on from and after which number of the stream it began (`parent` is null where that was not told), and up to
-- which number the author's present log is by it: null for all it wrote, -1 for nothing. Number 0 stands for those
-- before the versions that told.
CREATE TABLE life (
    author TEXT NOT NULL,
    stream TEXT NOT NULL,
    number BIGINT NOT NULL,
    incarnation TEXT NOT NULL,
    parent BIGINT,
    start BIGINT NOT NULL,
    upto BIGINT,
    PRIMARY KEY (author, stream, number)
);
INSERT INTO life (author, stream, number, incarnation, start) SELECT author, stream, 1, incarnation, 0
    FROM stream_position;
INSERT INTO life (author, stream, number, incarnation, start, upto) SELECT DISTINCT author, 'records', 0, '', 0, -1
    FROM record WHERE seq = 0 AND author IN (SELECT author FROM stream_position WHERE stream = 'records');

-- Which life of its author wrote a record; with `seq` it names the change that it came from.
ALTER TABLE record ADD COLUMN life BIGINT NOT NULL DEFAULT 0;
UPDATE record SET life = 1 WHERE seq > 0
    AND author IN (SELECT author FROM stream_position WHERE stream = 'records');

-- The same of records that their author deleted, so that an older state does not bring them back.
CREATE TABLE record_gone (
    author TEXT NOT NULL,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    life BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (author, kind, key)
) WITHOUT ROWID;

-- The lives of this database: which numbers of its own stream of records each of them wrote is told by where the next
-- one starts.
CREATE TABLE own_life (
    place BIGINT NOT NULL PRIMARY KEY,
    incarnation TEXT NOT NULL,
    start BIGINT NOT NULL
);
INSERT INTO own_life (place, incarnation, start) SELECT 1, value, 0 FROM meta WHERE key = 'incarnation';

-- 两边不一致: of a record of which author and parent hold different states, the state that the other side holds. At the
-- parent that is what came and was not taken, because it is not newer than what is held; at the author what the parent
-- returned. The body is null where it is deleted there. The choice is empty, `parent` or `child`.
CREATE TABLE apart (
    author TEXT NOT NULL,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    incarnation TEXT NOT NULL,
    number BIGINT NOT NULL,
    older BIGINT NOT NULL,
    choice TEXT NOT NULL,
    chosen_by TEXT NOT NULL,
    body TEXT,
    PRIMARY KEY (author, kind, key)
) WITHOUT ROWID;
-- Own changes that replace a state which the parent holds and this database never had: which one.
CREATE TABLE settled (
    seq BIGINT NOT NULL PRIMARY KEY,
    incarnation TEXT NOT NULL,
    number BIGINT NOT NULL
);
CREATE INDEX settled_over ON settled (incarnation, number);
