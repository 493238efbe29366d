-- How the last look at each vendor's own list went.
CREATE TABLE sweep_runs (
  provider TEXT PRIMARY KEY,
  at INTEGER NOT NULL,
  machines INTEGER NOT NULL,
  instances INTEGER NOT NULL,
  findings INTEGER NOT NULL,
  -- Why the list could not be read; then the counts are zero, and nothing was concluded.
  failure TEXT,
  -- How much is taken of what the vendor allows, as JSON.
  limits TEXT NOT NULL
) STRICT;
CREATE INDEX reconciliation_by_time ON reconciliation_findings (last_seen_at DESC, provider, instance_id);
-- When what a finding asks for was first begun, and written down.
ALTER TABLE reconciliation_findings ADD COLUMN acted_at INTEGER;
