-- Rules that count: how they stand, what people were told of them, and how much of the time was watched at all.

CREATE INDEX match_rule ON match (rule_id, created_at);

-- Slot by slot, how many of the sources of a language could be seen: zero stories while nobody looked is no silence.
CREATE TABLE coverage (
    slot    timestamptz NOT NULL,
    lang    text NOT NULL,       -- of the sources, as they are declared; '' where they are not
    sources integer NOT NULL,
    seeing  integer NOT NULL,
    PRIMARY KEY (slot, lang)
);

CREATE TABLE volume (
    rule_id   bigint PRIMARY KEY REFERENCES rule,
    asks      text NOT NULL,         -- what is counted; when that changes, what is usual is learned anew
    since     timestamptz NOT NULL,  -- what was counted before is not known
    looked_at timestamptz NOT NULL,
    heard_at  timestamptz,           -- when the last story came
    state     text NOT NULL DEFAULT 'learn',
    detail    text NOT NULL DEFAULT ''
) WITH (fillfactor = 70);

-- A spike, a high count or an absence from its beginning to its end.
CREATE TABLE episode (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    rule_id   bigint NOT NULL REFERENCES rule,
    part      text NOT NULL,         -- a language, where each is counted for itself; else ''
    kind      text NOT NULL CHECK (kind IN ('spike', 'count', 'absence')),
    opened_at timestamptz NOT NULL,
    above_at  timestamptz NOT NULL,  -- when it was last above its threshold
    told      integer NOT NULL,      -- the count that people were last told
    tellings  integer NOT NULL DEFAULT 1,
    closed_at timestamptz
) WITH (fillfactor = 70);

CREATE UNIQUE INDEX episode_open ON episode (rule_id, part) WHERE closed_at IS NULL;

-- What a message says of it is kept with the alert: every attempt to deliver says the same.
ALTER TABLE alert
    ADD COLUMN episode_id bigint REFERENCES episode,
    ADD COLUMN telling    integer,
    ADD COLUMN figures    jsonb,
    ADD COLUMN detail     text,
    DROP CONSTRAINT alert_kind_check,
    ADD CONSTRAINT alert_kind_check
        CHECK (kind IN ('story', 'summary', 'incident', 'recovery', 'spike', 'count', 'absence')),
    DROP CONSTRAINT alert_is_about,
    ADD CONSTRAINT alert_is_about CHECK (
        CASE WHEN kind IN ('incident', 'recovery')
            THEN incident_id IS NOT NULL AND rule_id IS NULL AND story_id IS NULL AND match_id IS NULL
                 AND episode_id IS NULL
        WHEN kind IN ('spike', 'count', 'absence')
            THEN episode_id IS NOT NULL AND telling IS NOT NULL AND figures IS NOT NULL AND rule_id IS NOT NULL
                 AND incident_id IS NULL AND story_id IS NULL AND match_id IS NULL
        ELSE incident_id IS NULL AND episode_id IS NULL AND rule_id IS NOT NULL AND story_id IS NOT NULL
             AND match_id IS NOT NULL
        END),
    ADD CONSTRAINT alert_episode_once UNIQUE (episode_id, telling);
