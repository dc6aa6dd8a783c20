-- Written once for both databases: columns are BIGINT, TEXT or BLOB. For PostgreSQL, BLOB is read as BYTEA and
-- WITHOUT ROWID, which makes SQLite keep a table in the order of its key, is left out.

CREATE TABLE pulse (
    id BIGINT PRIMARY KEY,
    beat BIGINT NOT NULL
);
INSERT INTO pulse (id, beat) VALUES (1, 0);

CREATE TABLE turn (
    topic TEXT PRIMARY KEY,
    taken BIGINT NOT NULL
);

-- One row per release held; the manifest is the signed content as JSON, the envelope the bytes that were signed. The
-- last four columns are the advance that led this database there, empty for a release that it passed over. They come
-- last, so that reading what stands before them does not read the packed difference.
CREATE TABLE catalog_release (
    publisher TEXT NOT NULL,
    catalog TEXT NOT NULL,
    number BIGINT NOT NULL,
    digest BLOB NOT NULL,
    previous BLOB NOT NULL,
    applied_at BIGINT NOT NULL,
    manifest TEXT NOT NULL,
    envelope BLOB NOT NULL,
    from_number BIGINT,
    raw_length BIGINT,
    turnover TEXT,
    packed BLOB,
    PRIMARY KEY (publisher, catalog, number)
);

-- The entries of the newest release. What was before is told by the advances, so that a new version takes the place of
-- the old one on its page, and reading everything reads nothing else.
CREATE TABLE catalog_entry (
    publisher TEXT NOT NULL,
    catalog TEXT NOT NULL,
    key TEXT NOT NULL,
    release BIGINT NOT NULL,
    audience TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (publisher, catalog, key)
) WITHOUT ROWID;

CREATE TABLE draft_info (
    publisher TEXT NOT NULL,
    catalog TEXT NOT NULL,
    drafted_by TEXT NOT NULL,
    drafted_at BIGINT NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (publisher, catalog)
);
-- A draft that is to be published at a time: which one was approved, by its digest, by whom, and for whom (a JSON array
-- of regions, or null for everybody). The problem is empty while it waits.
CREATE TABLE planned_release (
    publisher TEXT NOT NULL,
    catalog TEXT NOT NULL,
    draft BLOB NOT NULL,
    approved_by TEXT NOT NULL,
    account TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    regions TEXT NOT NULL,
    planned_at BIGINT NOT NULL,
    problem TEXT NOT NULL,
    PRIMARY KEY (publisher, catalog)
);
CREATE TABLE draft (
    publisher TEXT NOT NULL,
    catalog TEXT NOT NULL,
    key TEXT NOT NULL,
    audience TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (publisher, catalog, key)
) WITHOUT ROWID;

CREATE TABLE staged (
    publisher TEXT NOT NULL,
    catalog TEXT NOT NULL,
    piece_offset BIGINT NOT NULL,
    piece_length BIGINT NOT NULL,
    transfer_id BLOB NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (publisher, catalog, piece_offset)
);

-- Region '*' stands for everybody.
CREATE TABLE rollout (
    publisher TEXT NOT NULL,
    catalog TEXT NOT NULL,
    region TEXT NOT NULL,
    number BIGINT NOT NULL,
    allowed_at BIGINT NOT NULL,
    PRIMARY KEY (publisher, catalog, region)
);
CREATE TABLE child_state (
    region TEXT NOT NULL,
    publisher TEXT NOT NULL,
    catalog TEXT NOT NULL,
    number BIGINT NOT NULL,
    digest BLOB NOT NULL,
    progress TEXT NOT NULL,
    reason TEXT NOT NULL,
    noted_at BIGINT NOT NULL,
    PRIMARY KEY (region, publisher, catalog)
);

CREATE TABLE invitation (
    secret_hash BLOB NOT NULL PRIMARY KEY,
    region TEXT NOT NULL,
    address TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    used_key BLOB,
    invited_by TEXT NOT NULL
);
CREATE TABLE certificate (
    fingerprint BLOB NOT NULL PRIMARY KEY,
    serial TEXT NOT NULL,
    region TEXT NOT NULL,
    issued_at BIGINT NOT NULL,
    not_after BIGINT NOT NULL,
    revoked_at BIGINT,
    reason TEXT NOT NULL
);
CREATE INDEX certificate_region ON certificate (region);
CREATE TABLE child (
    region TEXT NOT NULL PRIMARY KEY,
    status TEXT NOT NULL,
    serial TEXT NOT NULL,
    fingerprint BLOB,
    not_after BIGINT,
    software TEXT NOT NULL,
    incarnation TEXT NOT NULL,
    last_contact BIGINT,
    clock_offset_ms BIGINT,
    disk_free BIGINT,
    address TEXT NOT NULL
);

-- Kind and key come first: lists and look-ups ask by them, and one author's rows of a kind are few enough to filter.
CREATE TABLE record (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    author TEXT NOT NULL,
    seq BIGINT NOT NULL,
    problem TEXT,
    body TEXT NOT NULL,
    PRIMARY KEY (kind, key, author)
) WITHOUT ROWID;
CREATE INDEX record_problem ON record (author, kind, key) WHERE problem IS NOT NULL;

-- What lists show of each sound record of a project, written with the record, so that lists are filtered, sorted and
-- cut here. The words are what a search looks through, in lower case; an amount that cannot be read is null.
CREATE TABLE project (
    code TEXT NOT NULL,
    author TEXT NOT NULL,
    name TEXT NOT NULL,
    fiscal_year BIGINT NOT NULL,
    fund_code TEXT NOT NULL,
    fund_name TEXT NOT NULL,
    department TEXT NOT NULL,
    unit TEXT NOT NULL,
    township TEXT NOT NULL,
    township_name TEXT NOT NULL,
    book TEXT NOT NULL,
    adjusted_fen BIGINT,
    executed_fen BIGINT,
    words TEXT NOT NULL,
    PRIMARY KEY (code, author)
);
-- What filters can be set to is read from here, without the long columns.
CREATE INDEX project_choices ON project (fund_code, fund_name, department, township, township_name, fiscal_year);
-- One author's projects of a year in the order of their codes, as they are reported by month.
CREATE INDEX project_author ON project (author, fiscal_year, code);

-- What lists show of each observation that can be read, written with its record; the month is the end of the record's
-- key, such as 2024-11. An amount that cannot be read is null.
CREATE TABLE observation (
    author TEXT NOT NULL,
    code TEXT NOT NULL,
    month TEXT NOT NULL,
    spent_fen BIGINT,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (author, code, month)
) WITHOUT ROWID;

CREATE TABLE outbox (
    stream TEXT NOT NULL,
    seq BIGINT NOT NULL,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    body BLOB,
    PRIMARY KEY (stream, seq)
) WITHOUT ROWID;
-- One row per acknowledgement, not one mark per row sent: marking rows would write each of them twice.
CREATE TABLE acknowledgement (
    stream TEXT NOT NULL,
    incarnation TEXT NOT NULL,
    upto BIGINT NOT NULL,
    acked_at BIGINT NOT NULL,
    PRIMARY KEY (stream, incarnation, upto)
);
CREATE TABLE stream_position (
    author TEXT NOT NULL,
    stream TEXT NOT NULL,
    incarnation TEXT NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (author, stream)
);

CREATE TABLE score (
    project_code TEXT NOT NULL PRIMARY KEY,
    author TEXT NOT NULL,
    region TEXT NOT NULL,
    fund_code TEXT NOT NULL,
    status TEXT NOT NULL,
    total TEXT,
    rating TEXT NOT NULL,
    rules_publisher TEXT NOT NULL,
    rules_key TEXT NOT NULL,
    rules_release BIGINT NOT NULL,
    reason_missing BIGINT NOT NULL,
    scored_at BIGINT NOT NULL
);
-- Apart from the scores, because sheets are long and lists do not show them.
CREATE TABLE score_sheet (
    project_code TEXT NOT NULL PRIMARY KEY,
    sheet TEXT NOT NULL
);

CREATE TABLE my_report (
    collection TEXT NOT NULL,
    revision BIGINT NOT NULL,
    digest BLOB NOT NULL,
    state TEXT NOT NULL,
    approved_by TEXT NOT NULL,
    submitted_at BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    payload TEXT NOT NULL,
    envelope BLOB NOT NULL,
    PRIMARY KEY (collection, revision)
);
CREATE TABLE my_receipt (
    parent TEXT NOT NULL,
    number BIGINT NOT NULL,
    taken_at BIGINT NOT NULL,
    payload TEXT NOT NULL,
    envelope BLOB NOT NULL,
    PRIMARY KEY (parent, number)
);
CREATE TABLE received (
    collection TEXT NOT NULL,
    region TEXT NOT NULL,
    revision BIGINT NOT NULL,
    digest BLOB NOT NULL,
    received_at BIGINT NOT NULL,
    verdict TEXT NOT NULL,
    reasons TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    decided_at BIGINT NOT NULL,
    payload TEXT NOT NULL,
    envelope BLOB NOT NULL,
    PRIMARY KEY (collection, region, revision)
);
CREATE TABLE receipt (
    region TEXT NOT NULL,
    number BIGINT NOT NULL,
    made_at BIGINT NOT NULL,
    payload TEXT NOT NULL,
    envelope BLOB NOT NULL,
    PRIMARY KEY (region, number)
);
CREATE TABLE collection_state (
    collection TEXT NOT NULL PRIMARY KEY,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    decided_at BIGINT NOT NULL
);

-- Questions (提问): my_question is what this node sent, question what children sent; the expert is a note of the bureau
-- that is asked. Whether one is answered is told by the catalog of notices alone.
CREATE TABLE my_question (
    key TEXT NOT NULL PRIMARY KEY,
    sent_by TEXT NOT NULL,
    sent_at BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    payload TEXT NOT NULL,
    envelope BLOB NOT NULL
);
CREATE TABLE question (
    region TEXT NOT NULL,
    key TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    expert TEXT NOT NULL,
    noted_by TEXT NOT NULL,
    payload TEXT NOT NULL,
    envelope BLOB NOT NULL,
    PRIMARY KEY (region, key)
);

-- People and their sessions; duties are a JSON array of words, active is 1 or 0.
CREATE TABLE account (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    duties TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    totp_secret BLOB,
    totp_last_step BIGINT NOT NULL,
    active BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    last_failure BIGINT,
    created_at BIGINT NOT NULL,
    password_set_at BIGINT,
    last_sign_in BIGINT
);
CREATE TABLE session (
    token_hash BLOB NOT NULL PRIMARY KEY,
    account TEXT NOT NULL,
    csrf TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_seen BIGINT NOT NULL,
    address TEXT NOT NULL
);
CREATE INDEX session_account ON session (account);

-- Rows are only ever added. Triggers that refuse anything else cannot be written once for both databases; what shows
-- that a row was changed or removed is the chain of digests, whose end is kept apart. The check keeps rows from being
-- slipped in before the first, where no chain would miss them.
CREATE TABLE audit (
    number BIGINT NOT NULL PRIMARY KEY CHECK (number > 0),
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    address TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL,
    allowed BIGINT NOT NULL,
    previous BLOB NOT NULL,
    digest BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX audit_at ON audit (at);
CREATE TABLE audit_head (
    id BIGINT PRIMARY KEY,
    number BIGINT NOT NULL,
    digest BLOB NOT NULL
);

-- Departments' own systems: tokens (only their hashes; scopes are a JSON array of words), and the answers that were
-- given to a request with a key of its own, so that the same request again gets the same answer.
CREATE TABLE api_token (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    token_hash BLOB NOT NULL UNIQUE,
    scopes TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT,
    last_used BIGINT
);
CREATE TABLE api_answer (
    token TEXT NOT NULL,
    key TEXT NOT NULL,
    request BLOB NOT NULL,
    status BIGINT NOT NULL,
    version TEXT NOT NULL,
    body TEXT NOT NULL,
    answered_at BIGINT NOT NULL,
    PRIMARY KEY (token, key)
);
CREATE INDEX api_answer_at ON api_answer (answered_at);

-- Which own projects changed, each with the number of its last change: as many rows as there are projects, however
-- often they change.
CREATE TABLE project_change (
    project TEXT NOT NULL PRIMARY KEY,
    seq BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);
CREATE INDEX project_change_seq ON project_change (seq);
