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

-- A projection of the instance's object, which alone decides. The receiver is kept as it was named (an account's id or an
-- address, in lower case), so that an offer tells nobody which accounts there are.
CREATE TABLE transfers (
  id TEXT PRIMARY KEY,
  instance_id TEXT NOT NULL,
  instance_name TEXT NOT NULL,
  agent_type TEXT NOT NULL,
  from_account TEXT NOT NULL,
  receiver TEXT NOT NULL,
  to_account TEXT,
  state TEXT NOT NULL CHECK (state IN ('offered', 'accepted', 'declined', 'cancelled', 'expired')),
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  decided_at INTEGER
) STRICT;
CREATE INDEX transfers_from ON transfers (from_account, id DESC);
CREATE INDEX transfers_receiver ON transfers (receiver, id DESC);
CREATE INDEX transfers_to ON transfers (to_account, id DESC);

CREATE TRIGGER transfers_decided_are_final BEFORE UPDATE ON transfers
WHEN OLD.state <> 'offered' AND (NEW.state <> OLD.state OR NEW.to_account IS NOT OLD.to_account)
BEGIN
  SELECT RAISE(ABORT, 'a decided transfer is never changed');
END;
