-- Sources say how they are to be reached; visits say what they found; what goes wrong is an incident that people see.

ALTER TABLE source
    ADD COLUMN listing     jsonb,
    ADD COLUMN secret_file text,
    ADD COLUMN proxy       text,
    ADD COLUMN browser     boolean NOT NULL DEFAULT false,
    ADD COLUMN robots      text NOT NULL DEFAULT 'obey' CHECK (robots IN ('obey', 'ignore')),
    ADD COLUMN rhythm      real[] NOT NULL DEFAULT '{}',
    ADD COLUMN certificate text,
    ADD COLUMN issuer      text,
    ADD COLUMN moved_to    text,
    ADD COLUMN troubles    text[] NOT NULL DEFAULT '{}',  -- the kinds of its open incidents
    ADD COLUMN page_health real,                          -- how many of its pages could be read lately, 0 to 1
    ADD COLUMN pages_seen  bigint NOT NULL DEFAULT 0;

-- A source that changes all its addresses and ids still says the same words.
CREATE INDEX article_words ON article (source_id, entry_hash);

ALTER TABLE visit
    ADD COLUMN failure text,
    ADD COLUMN seconds real NOT NULL DEFAULT 0,
    ADD COLUMN known   integer NOT NULL DEFAULT 0,
    ADD COLUMN garbled integer NOT NULL DEFAULT 0;

-- Of a source, or (source_id is null) of the installation itself; `subject` then says of which part.
CREATE TABLE incident (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source_id  bigint REFERENCES source,
    subject    text NOT NULL,
    kind       text NOT NULL,
    since      timestamptz NOT NULL,
    opened_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    closed_at  timestamptz,
    detail     text NOT NULL,
    remedy     text NOT NULL,
    rules      text[] NOT NULL,
    told_at    timestamptz,  -- that it opened
    settled_at timestamptz   -- nothing more is to be told of it
) WITH (fillfactor = 80);

CREATE UNIQUE INDEX incident_open ON incident (kind, subject) WHERE closed_at IS NULL;
CREATE INDEX incident_source ON incident (source_id, opened_at);
CREATE INDEX incident_history ON incident (kind, subject, opened_at);
CREATE INDEX incident_unsettled ON incident (id) WHERE settled_at IS NULL;

-- An incident is an alert like any other: owed, delivered and recorded by the same ledger.
ALTER TABLE alert
    ALTER COLUMN rule_id DROP NOT NULL,
    ALTER COLUMN story_id DROP NOT NULL,
    ALTER COLUMN match_id DROP NOT NULL,
    ADD COLUMN incident_id bigint REFERENCES incident,
    DROP CONSTRAINT alert_kind_check,
    ADD CONSTRAINT alert_kind_check CHECK (kind IN ('story', 'summary', 'incident', 'recovery')),
    ADD CONSTRAINT alert_is_about CHECK (
        CASE WHEN kind IN ('incident', 'recovery')
            THEN incident_id IS NOT NULL AND rule_id IS NULL AND story_id IS NULL AND match_id IS NULL
            ELSE incident_id IS NULL AND rule_id IS NOT NULL AND story_id IS NOT NULL AND match_id IS NOT NULL
        END),
    ADD CONSTRAINT alert_incident_once UNIQUE (incident_id, kind);

CREATE INDEX alert_incident ON alert (created_at) WHERE incident_id IS NOT NULL;

-- Whom incidents are told: the channels that ask for them.
ALTER TABLE channel ADD COLUMN incidents boolean NOT NULL DEFAULT false;
