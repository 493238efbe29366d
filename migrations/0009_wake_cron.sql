-- When a suspended instance is woken again and again; `wake_at` is the one time.
ALTER TABLE instances ADD COLUMN wake_cron TEXT;
