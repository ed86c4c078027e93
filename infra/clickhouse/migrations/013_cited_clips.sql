-- Clips that alerts cite, for whoever holds the footage: an alert is kept for ever, the video only as long as its camera system keeps it.

CREATE OR REPLACE VIEW {database}.cited_clips AS
SELECT
  alert_id, detector, institution, event_time, raised, disposed, updated_at,
  JSONExtractString(clip, 'uri') AS uri,
  nullIf(JSONExtractString(clip, 'sha256'), '') AS sha256
FROM {database}.alerts_current
ARRAY JOIN JSONExtractArrayRaw(record, 'evidence') AS clip
WHERE JSONExtractString(clip, 'uri') != '';
