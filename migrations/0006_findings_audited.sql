-- A finding is an audit event as well, once: this says that it has been written.
ALTER TABLE reconciliation_findings ADD COLUMN audited_at INTEGER;
CREATE INDEX reconciliation_unaudited ON reconciliation_findings (first_seen_at) WHERE audited_at IS NULL;
