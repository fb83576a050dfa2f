-- Whoever proves that something wrote nothing reads every table, the one that appenders lock too. Reading it locks nothing: a row lock
-- (FOR UPDATE, FOR SHARE) needs the right to write, which nobody has.
GRANT SELECT ON iu.turn TO iu_reader, iu_verifier, iu_orchestrator, iu_operator;
