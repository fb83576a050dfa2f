-- For people: the text of each unit version. NULL where the content has been erased.
CREATE VIEW unit_text AS
SELECT v.run, v.ordinal, v.unit, v.document, v.revision, v.address, v.kind, v.label, v.title, v.lifecycle,
  convert_from(substring(c.bytes FROM v.span_start::int + 1 FOR (v.span_end - v.span_start)::int), 'UTF8') AS text
FROM unit_version v LEFT JOIN content c ON c.commitment = v.content;
