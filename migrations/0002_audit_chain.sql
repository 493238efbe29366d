-- Audit events become chains: each event carries its place in its chain and the hash of the one before it.
DROP TRIGGER audit_is_append_only;
DROP TRIGGER audit_is_never_deleted;
DROP TABLE audit_events;

CREATE TABLE audit_events (
  -- The order of arrival, by which they are paged: an event that arrives late has an old time, and must not be skipped.
  position INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  account_id TEXT NOT NULL,
  instance_id TEXT,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  target TEXT NOT NULL,
  at INTEGER NOT NULL,
  request_id TEXT,
  detail TEXT,
  -- The instance's id, or the account's for what is not an instance's own.
  chain TEXT NOT NULL,
  seq INTEGER NOT NULL,
  prev_hash TEXT NOT NULL,
  hash TEXT NOT NULL,
  UNIQUE (chain, seq)
) STRICT;
CREATE INDEX audit_by_account ON audit_events (account_id, position);
CREATE INDEX audit_by_instance ON audit_events (instance_id, position);

CREATE TRIGGER audit_is_append_only BEFORE UPDATE ON audit_events
BEGIN
  SELECT RAISE(ABORT, 'audit events are append-only');
END;
CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit_events
BEGIN
  SELECT RAISE(ABORT, 'audit events are append-only');
END;
-- INSERT OR REPLACE deletes without asking the trigger above. An object may deliver an event twice; whoever wants a taken
-- place in an account's chain must learn of it, so that the change goes back with its event.
CREATE TRIGGER audit_is_never_replaced BEFORE INSERT ON audit_events
WHEN EXISTS (
  SELECT 1 FROM audit_events
  WHERE id = NEW.id OR position = NEW.position OR (chain = NEW.chain AND seq = NEW.seq)
)
BEGIN
  SELECT CASE
    WHEN NEW.chain = NEW.account_id THEN RAISE(ABORT, 'audit events are append-only')
    ELSE RAISE(IGNORE)
  END;
END;

-- What was signed: the last event of a chain at that time.
CREATE TABLE audit_heads (
  position INTEGER PRIMARY KEY,
  chain TEXT NOT NULL,
  account_id TEXT NOT NULL,
  seq INTEGER NOT NULL,
  hash TEXT NOT NULL,
  signed_at INTEGER NOT NULL,
  jws TEXT NOT NULL,
  UNIQUE (chain, seq)
) STRICT;
CREATE INDEX audit_heads_by_account ON audit_heads (account_id, position);

CREATE TRIGGER audit_heads_are_append_only BEFORE UPDATE ON audit_heads
BEGIN
  SELECT RAISE(ABORT, 'audit heads are append-only');
END;
CREATE TRIGGER audit_heads_are_never_deleted BEFORE DELETE ON audit_heads
BEGIN
  SELECT RAISE(ABORT, 'audit heads are append-only');
END;
CREATE TRIGGER audit_heads_are_never_replaced BEFORE INSERT ON audit_heads
WHEN EXISTS (
  SELECT 1 FROM audit_heads WHERE position = NEW.position OR (chain = NEW.chain AND seq = NEW.seq)
)
BEGIN
  SELECT RAISE(IGNORE);
END;

-- How far the events were looked at for signing, and how far the current run is to go.
CREATE TABLE audit_signing (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  done INTEGER NOT NULL,
  until INTEGER NOT NULL
) STRICT;
INSERT INTO audit_signing (id, done, until) VALUES (1, 0, 0);
