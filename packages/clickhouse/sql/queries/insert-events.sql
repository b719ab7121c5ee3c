-- Rows in Native format: the block names its columns, and columns it leaves out get their defaults.
INSERT INTO {{database}}.events FORMAT Native
