-- When a second machine with a child's identity was turned away last, and where it called from.
ALTER TABLE child ADD COLUMN twin_at BIGINT;
ALTER TABLE child ADD COLUMN twin_address TEXT;
