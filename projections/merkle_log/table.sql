-- The Merkle log as hash tiles (C2SP tlog-tiles, height 8): up to 256 neighbouring complete nodes of tree level 8 × level, 32 bytes each. Only the
-- last tile of a level has fewer. Leaf index is position: the leaf hash of position p is in level 0, tile p / 256, from byte 32 × (p % 256) on.
CREATE TABLE merkle_tile (
  level  INTEGER NOT NULL,
  tile   INTEGER NOT NULL,
  hashes BLOB    NOT NULL,
  PRIMARY KEY (level, tile)
) STRICT;
