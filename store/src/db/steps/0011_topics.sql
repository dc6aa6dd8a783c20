-- Which topics changed, each with the number of its last change: what other processes on this database look at, to be
-- told of what concerns them and of nothing else. As many rows as there are topics, however often they change.
CREATE TABLE topic (
    name TEXT NOT NULL,
    key TEXT NOT NULL,
    number BIGINT NOT NULL,
    PRIMARY KEY (name, key)
);
CREATE INDEX topic_number ON topic (number);
