-- What the owner of an instance should know although nothing failed: a list of {code, message, hint}.
ALTER TABLE instances ADD COLUMN notices TEXT NOT NULL DEFAULT '[]';

-- New names are taken here before an object moves to one, so that two never meet in the projection.
CREATE TABLE subdomains (
  name TEXT PRIMARY KEY,
  instance_id TEXT NOT NULL,
  reserved_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER instances_keep_off_reserved BEFORE INSERT ON instances
WHEN EXISTS (SELECT 1 FROM subdomains WHERE name = NEW.subdomain AND instance_id <> NEW.id)
BEGIN
  SELECT RAISE(ABORT, 'the subdomain is reserved');
END;
