-- Version and checksum of every applied migration.
SELECT version, checksum FROM {{database}}.migrations ORDER BY version
