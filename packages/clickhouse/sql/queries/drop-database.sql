-- The database of one installation, gone.
DROP DATABASE IF EXISTS {{database}} SYNC
