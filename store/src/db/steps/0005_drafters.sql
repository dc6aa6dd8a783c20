-- Everybody who drafted, as pairs of name and account in JSON; drafted_by is the same for readers. Empty in a draft from
-- before: it stays a name alone, and is compared by every name that can be meant by it.
ALTER TABLE draft_info ADD COLUMN drafters TEXT NOT NULL DEFAULT '[]';
