-- The database of one installation.
CREATE DATABASE IF NOT EXISTS {{database}}
