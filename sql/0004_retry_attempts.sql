-- How often the step that ended a run had failed, by kind of error: JSON object, e.g. {"network_error":5}.
-- null: noted by an earlier version.
ALTER TABLE failures ADD COLUMN attempts TEXT;
