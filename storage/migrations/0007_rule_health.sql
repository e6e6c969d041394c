-- Rules are watched themselves: since when each means what it means, what of its matches a replay found, and how far
-- a replay has come.

ALTER TABLE rule ADD COLUMN changed_at timestamptz NOT NULL DEFAULT now();
UPDATE rule SET changed_at = created_at;

CREATE FUNCTION note_rule_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.changed_at := statement_timestamp();
    RETURN NEW;
END
$$;

CREATE TRIGGER rule_means_something_else BEFORE UPDATE ON rule FOR EACH ROW
WHEN ((OLD.query, OLD.definition, OLD.languages, OLD.enabled, OLD.removed_at)
    IS DISTINCT FROM (NEW.query, NEW.definition, NEW.languages, NEW.enabled, NEW.removed_at))
EXECUTE FUNCTION note_rule_change();

-- What a replay finds is old: it says nothing about how a rule does now.
ALTER TABLE match ADD COLUMN replayed boolean NOT NULL DEFAULT false;
CREATE INDEX match_live ON match (created_at, rule_id) WHERE NOT replayed;
CREATE INDEX alert_of_story ON alert (created_at, rule_id) WHERE kind = 'story';

-- How many articles came in each language is counted from the index alone.
DROP INDEX article_first_seen;
CREATE INDEX article_first_seen ON article (first_seen) INCLUDE (lang);

-- A replay under way, or stopped before its end: the next one goes on behind `after_id`.
CREATE TABLE replay (
    rule_id     bigint PRIMARY KEY REFERENCES rule,
    fingerprint bytea NOT NULL CHECK (octet_length(fingerprint) = 32),
    days        integer NOT NULL,
    since       timestamptz NOT NULL,
    after_id    bigint NOT NULL DEFAULT 0,
    held        bigint NOT NULL DEFAULT 0,
    found       bigint NOT NULL DEFAULT 0,
    added       bigint NOT NULL DEFAULT 0,
    touched_at  timestamptz NOT NULL DEFAULT clock_timestamp()
);
