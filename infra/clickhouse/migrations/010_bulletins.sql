-- Issued bulletins: a revision is never changed, corrected figures are the next one.

CREATE TABLE IF NOT EXISTS {database}.bulletins (
  year UInt16,
  quarter UInt8,
  revision UInt32,
  issued_at String,
  hash FixedString(22),
  figures String CODEC(ZSTD(3)),
  changes String CODEC(ZSTD(3)),
  ingested_at DateTime DEFAULT now()
) ENGINE = MergeTree
ORDER BY (year, quarter, revision);
