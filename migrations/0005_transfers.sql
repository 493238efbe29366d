-- What the owner of an instance should know although nothing failed: a list of {code, message, hint}.
ALTER TABLE instances ADD COLUMN notices TEXT NOT NULL DEFAULT '[]';
