-- An insert of up to 100,000 rows is one part per month, of about 560 bytes a row before compression, and a wide part of a hundred
-- columns is two hundred files. What one insert wrote is one file; what was merged is wide as before, as history reads it.
ALTER TABLE {{database}}.events MODIFY SETTING min_bytes_for_wide_part = 67108864;
