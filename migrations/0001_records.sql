-- The records people query. Times are epoch milliseconds.

CREATE TABLE accounts (
  id TEXT PRIMARY KEY,
  email TEXT NOT NULL UNIQUE,
  name TEXT,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE tokens (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  name TEXT NOT NULL,
  prefix TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  last_used_at INTEGER,
  revoked_at INTEGER
) STRICT;
CREATE INDEX tokens_by_account ON tokens (account_id, created_at DESC);

-- A projection of the InstanceObject: written first by create with version 0, then only by the object's outbox.
CREATE TABLE instances (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  subdomain TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  agent_type TEXT NOT NULL,
  release TEXT NOT NULL,
  image TEXT NOT NULL,
  model_provider TEXT NOT NULL,
  model_name TEXT NOT NULL,
  provider TEXT NOT NULL,
  region TEXT NOT NULL,
  spec TEXT NOT NULL,
  exposure TEXT NOT NULL,
  workspace_id TEXT,
  access TEXT NOT NULL,
  idle_timeout_seconds INTEGER,
  wake_at INTEGER,
  labels TEXT NOT NULL,
  state TEXT NOT NULL,
  state_since INTEGER NOT NULL,
  problem TEXT,
  progress TEXT,
  last_suspend TEXT,
  place TEXT,
  machine TEXT,
  generation INTEGER NOT NULL,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  deleted_at INTEGER
) STRICT;
CREATE INDEX instances_by_account ON instances (account_id, id DESC);
CREATE INDEX instances_by_account_subdomain ON instances (account_id, subdomain);
-- What a create left behind that never reached its object.
CREATE INDEX instances_unborn ON instances (created_at) WHERE version = 0;

CREATE TABLE periods (
  instance_id TEXT NOT NULL,
  seq INTEGER NOT NULL,
  account_id TEXT NOT NULL,
  state TEXT NOT NULL,
  meter TEXT NOT NULL,
  spec TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at INTEGER,
  generation INTEGER NOT NULL,
  reason TEXT NOT NULL,
  actor TEXT NOT NULL,
  PRIMARY KEY (instance_id, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX periods_by_account ON periods (account_id, started_at);

-- A closed period is history: it is the bill.
CREATE TRIGGER periods_closed_are_final BEFORE UPDATE ON periods
WHEN OLD.ended_at IS NOT NULL
BEGIN
  SELECT RAISE(ABORT, 'a closed period is never edited');
END;

CREATE TABLE audit_events (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL,
  instance_id TEXT,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  target TEXT NOT NULL,
  at INTEGER NOT NULL,
  request_id TEXT,
  detail TEXT
) STRICT;
CREATE INDEX audit_by_account ON audit_events (account_id, id DESC);
CREATE INDEX audit_by_instance ON audit_events (instance_id, id DESC);

CREATE TRIGGER audit_is_append_only BEFORE UPDATE ON audit_events
BEGIN
  SELECT RAISE(ABORT, 'audit events are append-only');
END;
CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit_events
BEGIN
  SELECT RAISE(ABORT, 'audit events are append-only');
END;

-- The answer is sealed: it may hold a token's plaintext.
CREATE TABLE idempotency_keys (
  account_id TEXT NOT NULL,
  key TEXT NOT NULL,
  request_hash TEXT NOT NULL,
  resource_id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  lease_until INTEGER NOT NULL,
  status INTEGER,
  sealed_answer TEXT,
  PRIMARY KEY (account_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_by_age ON idempotency_keys (created_at);
