-- What a sign of life says beside the contract's fields, with its event_id and source: JSON, empty where it says nothing more, as almost all.
ALTER TABLE {database}.heartbeats ADD COLUMN IF NOT EXISTS detail SimpleAggregateFunction(max, String) CODEC(ZSTD(1)) AFTER arrival;
