-- Let the next process migrate.
DROP TABLE IF EXISTS {{database}}.migration_lock SYNC
