-- Daily usage, derived from periods alone. Times are epoch milliseconds; `day` is a UTC midnight.

CREATE TABLE usage_daily (
  account_id TEXT NOT NULL,
  day INTEGER NOT NULL,
  instance_id TEXT NOT NULL,
  running_ms INTEGER NOT NULL,
  paused_ms INTEGER NOT NULL,
  volume_gb_ms INTEGER NOT NULL,
  -- An estimate by the vendor's list prices: nothing is debited.
  cost_micros INTEGER NOT NULL,
  rate_card TEXT NOT NULL,
  -- How far the day has been counted: its end, once it is over.
  counted_to INTEGER NOT NULL,
  PRIMARY KEY (account_id, day, instance_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX usage_by_instance ON usage_daily (instance_id, day);

-- What is still to be counted: an instance's usage is right up to `since`, and a run after that moment counts on from there.
CREATE TABLE usage_due (
  instance_id TEXT PRIMARY KEY,
  since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- One row per run. Every instance had been counted to `as_of` once it was finished.
CREATE TABLE usage_runs (
  as_of INTEGER PRIMARY KEY,
  finished_at INTEGER,
  instances INTEGER NOT NULL
) STRICT;

-- Finds what of an instance reaches into a day, however long its history is. An open period ends last.
CREATE INDEX periods_by_end ON periods (instance_id, ifnull(ended_at, 9007199254740991));

-- A new period changes nothing before its start; a period that closes, nothing before its end, or before the start of
-- what follows it where that came first. However late they arrive, those days are counted again.
CREATE TRIGGER usage_due_by_new_period AFTER INSERT ON periods
BEGIN
  INSERT INTO usage_due (instance_id, since) VALUES (NEW.instance_id, NEW.started_at)
  ON CONFLICT (instance_id) DO UPDATE SET since = excluded.since WHERE excluded.since < since;
END;
CREATE TRIGGER usage_due_by_changed_period AFTER UPDATE ON periods
BEGIN
  INSERT INTO usage_due (instance_id, since) VALUES (
    NEW.instance_id,
    CASE
      WHEN NEW.ended_at IS NULL OR (NEW.account_id, NEW.meter, NEW.spec, NEW.started_at)
        IS NOT (OLD.account_id, OLD.meter, OLD.spec, OLD.started_at)
      THEN min(NEW.started_at, OLD.started_at)
      ELSE min(NEW.ended_at, ifnull(
        (SELECT min(n.started_at) FROM periods n WHERE n.instance_id = NEW.instance_id AND n.seq > NEW.seq),
        NEW.ended_at
      ))
    END
  )
  ON CONFLICT (instance_id) DO UPDATE SET since = excluded.since WHERE excluded.since < since;
END;

INSERT INTO usage_due (instance_id, since) SELECT instance_id, min(started_at) FROM periods GROUP BY instance_id;

-- Where a vendor's own list and our periods disagree, from when it was first seen until it was seen no more.
CREATE TABLE reconciliation_findings (
  provider TEXT NOT NULL,
  instance_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  first_seen_at INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  resolved_at INTEGER,
  detail TEXT NOT NULL,
  PRIMARY KEY (provider, instance_id, kind, first_seen_at)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX reconciliation_open ON reconciliation_findings (provider, instance_id, kind) WHERE resolved_at IS NULL;
