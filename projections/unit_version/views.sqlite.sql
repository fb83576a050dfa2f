-- For people: the text of each unit version. NULL where the content has been erased.
CREATE VIEW unit_text AS
SELECT v.run, v.ordinal, v.unit, v.document, v.revision, v.address, v.kind, v.label, v.title, v.lifecycle,
  CAST(substr(c.bytes, v.span_start + 1, v.span_end - v.span_start) AS TEXT) AS text
FROM unit_version v LEFT JOIN content c ON c.commitment = v.content;
