-- What a person's settlement is found by when it becomes known late: its institution, and the drugs of which it hands out days.
ALTER TABLE {database}.ledger_person ADD COLUMN IF NOT EXISTS items Array(LowCardinality(String)) AFTER position;
