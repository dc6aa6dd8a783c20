-- Projects whose records have changed since they were scored, or that were never scored: written with the change, taken
-- away with the score.
CREATE TABLE score_due (
    project TEXT NOT NULL PRIMARY KEY
);
-- What an earlier program noted as open, and what nobody has scored yet.
INSERT INTO score_due (project)
SELECT DISTINCT p.code FROM project AS p
WHERE NOT EXISTS (SELECT 1 FROM score AS s WHERE s.project_code = p.code)
    OR EXISTS (SELECT 1 FROM meta AS m WHERE m.key = 'scores_open' AND m.value LIKE '%"' || p.code || '"%');
DELETE FROM meta WHERE key = 'scores_open';

-- How many lines wait for a person. A sheet says it of each line; where it says it of the project too, that is one more.
ALTER TABLE score ADD COLUMN waiting BIGINT NOT NULL DEFAULT 0;
UPDATE score SET waiting = COALESCE((
    SELECT (LENGTH(x.sheet) - LENGTH(REPLACE(x.sheet, '"status":"REVIEW"', ''))) / LENGTH('"status":"REVIEW"')
        - CASE WHEN score.status = 'REVIEW' THEN 1 ELSE 0 END
    FROM score_sheet AS x
    WHERE x.project_code = score.project_code AND x.sheet LIKE '%"status":"REVIEW"%'
), 0);

-- Which accounts typed what a line of this node says: who judges a value is somebody else.
CREATE TABLE line_typist (
    line TEXT NOT NULL,
    account TEXT NOT NULL,
    PRIMARY KEY (line, account)
);

-- Why a collection that may be reported without a person's word each time is not: the reason in both languages.
CREATE TABLE submission_stall (
    collection TEXT NOT NULL PRIMARY KEY,
    since BIGINT NOT NULL,
    reason_zh TEXT NOT NULL,
    reason_en TEXT NOT NULL
);
