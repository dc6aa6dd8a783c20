-- Scoring has changed since these scores were computed (what a person decides about a line, reasons for deviations):
-- every project that has a score is to be scored anew, and is shown as due until it is.
INSERT INTO score_due (project)
SELECT s.project_code FROM score AS s
WHERE EXISTS (SELECT 1 FROM project AS p WHERE p.code = s.project_code)
    AND NOT EXISTS (SELECT 1 FROM score_due AS d WHERE d.project = s.project_code);
