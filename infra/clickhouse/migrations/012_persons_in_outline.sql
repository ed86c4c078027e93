-- What rules about persons look at first, in small blocks: a person's rows lie side by side, and little around them is unpacked.
ALTER TABLE {database}.ledger_person ADD COLUMN IF NOT EXISTS outline String CODEC(LZ4) SETTINGS (min_compress_block_size = 16384, max_compress_block_size = 32768) AFTER items;
