-- What the operator decides about an account, and the releases published without a deployment.

ALTER TABLE accounts ADD COLUMN max_instances INTEGER NOT NULL DEFAULT 20 CHECK (max_instances >= 0);
ALTER TABLE accounts ADD COLUMN max_memory_mb INTEGER NOT NULL DEFAULT 65536 CHECK (max_memory_mb >= 0);
ALTER TABLE accounts ADD COLUMN max_exec_concurrency INTEGER NOT NULL DEFAULT 50 CHECK (max_exec_concurrency >= 0);
-- Micro-dollars of compute in a calendar month (UTC); NULL: no budget.
ALTER TABLE accounts ADD COLUMN monthly_budget_micros INTEGER CHECK (monthly_budget_micros >= 0);
ALTER TABLE accounts ADD COLUMN budget_action TEXT NOT NULL DEFAULT 'warn'
  CHECK (budget_action IN ('warn', 'suspend', 'refuse'));
ALTER TABLE accounts ADD COLUMN suspended_at INTEGER;

-- `seq` orders releases published in one millisecond.
CREATE TABLE releases (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  agent_id TEXT NOT NULL,
  release TEXT NOT NULL,
  repository TEXT NOT NULL,
  tag TEXT NOT NULL,
  digest TEXT NOT NULL,
  recipe TEXT NOT NULL,
  published_at INTEGER NOT NULL,
  published_by TEXT NOT NULL,
  UNIQUE (agent_id, release)
) STRICT;

CREATE TRIGGER releases_are_append_only BEFORE UPDATE ON releases
BEGIN
  SELECT RAISE(ABORT, 'a published release is never edited');
END;
CREATE TRIGGER releases_are_never_deleted BEFORE DELETE ON releases
BEGIN
  SELECT RAISE(ABORT, 'a published release is never deleted');
END;

-- What is counted against an account's quota, without all that it ever had.
CREATE INDEX instances_living ON instances (account_id, state) WHERE deleted_at IS NULL;
