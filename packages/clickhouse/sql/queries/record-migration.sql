-- A migration was applied.  version, name, checksum
INSERT INTO {{database}}.migrations (version, name, checksum)
SELECT {version:UInt32}, {name:String}, {checksum:String}
