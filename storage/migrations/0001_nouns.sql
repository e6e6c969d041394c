-- The nouns. Keys that strangers control are stored hashed (bytea of 32); due times and leases are database time.

CREATE TABLE source (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key              text NOT NULL UNIQUE,
    origin           text NOT NULL,
    name             text NOT NULL,
    url              text NOT NULL,
    host             text NOT NULL,
    kind             text,
    every            interval NOT NULL,
    lang             text,
    country          text,
    tags             text[] NOT NULL DEFAULT '{}',
    tier             integer,
    pages            boolean NOT NULL DEFAULT true,
    enabled          boolean NOT NULL DEFAULT true,
    created_at       timestamptz NOT NULL DEFAULT now(),
    removed_at       timestamptz,
    etag             text,
    last_modified    text,
    body_hash        bytea,
    pace             interval NOT NULL,
    failures         double precision NOT NULL DEFAULT 0,
    visits           bigint NOT NULL DEFAULT 0,
    first_visited_at timestamptz,
    last_visited_at  timestamptz,
    last_new_at      timestamptz,
    last_error       text,
    last_status      text,
    due_at           timestamptz NOT NULL DEFAULT now(),
    lease_token      bigint NOT NULL DEFAULT 0,
    leased_at        timestamptz,
    leased_until     timestamptz
) WITH (fillfactor = 70);

CREATE INDEX source_due ON source (due_at) WHERE enabled;
CREATE INDEX source_leased ON source (host) WHERE leased_until IS NOT NULL;

CREATE TABLE capture (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sha256     bytea NOT NULL CHECK (octet_length(sha256) = 32),
    size_bytes bigint NOT NULL,
    url        text NOT NULL,
    final_url  text NOT NULL,
    status     integer NOT NULL,
    headers    jsonb NOT NULL,
    address    text,
    fetched_at timestamptz NOT NULL
);

CREATE INDEX capture_sha256 ON capture (sha256);

CREATE TABLE visit (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source_id   bigint NOT NULL REFERENCES source,
    lease_token bigint NOT NULL,
    started_at  timestamptz NOT NULL,
    finished_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    outcome     text NOT NULL CHECK (outcome IN ('new', 'unchanged', 'failed', 'empty')),
    status      integer,
    bytes       bigint NOT NULL,
    entries     integer NOT NULL,
    new_entries integer NOT NULL,
    capture_id  bigint REFERENCES capture,
    error       text
);

CREATE INDEX visit_source ON visit (source_id, id);

CREATE TABLE article (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    url_key       bytea NOT NULL CHECK (octet_length(url_key) = 32),
    source_id     bigint NOT NULL REFERENCES source,
    url           text NOT NULL,
    canonical_url text,
    entry_id      text,
    entry_key     bytea,
    entry_hash    bytea NOT NULL,
    title         text NOT NULL,
    summary       text NOT NULL,
    text          text NOT NULL,
    authors       text[] NOT NULL,
    tags          text[] NOT NULL,
    lang          text NOT NULL,
    published     timestamptz,
    published_raw text,
    updated       timestamptz,
    first_seen    timestamptz NOT NULL DEFAULT clock_timestamp(),
    capture_id    bigint REFERENCES capture,
    degraded      text,
    fresh         boolean NOT NULL,
    version       integer NOT NULL DEFAULT 1,
    lexemes       tsvector NOT NULL,
    CONSTRAINT article_url_key UNIQUE (url_key)
);

CREATE INDEX article_entry ON article (source_id, entry_key) WHERE entry_key IS NOT NULL;
CREATE INDEX article_first_seen ON article (first_seen);
CREATE INDEX article_lexemes ON article USING gin (lexemes);

-- Every text an article ever had. A feed that swings between two texts adds two rows, not one per visit.
CREATE TABLE article_version (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    article_id bigint NOT NULL REFERENCES article,
    number     integer NOT NULL,
    of         text NOT NULL CHECK (of IN ('entry', 'page')),
    title      text NOT NULL,
    summary    text NOT NULL,
    text       text NOT NULL,
    text_hash  bytea NOT NULL,
    capture_id bigint REFERENCES capture,
    seen_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (article_id, number),
    UNIQUE (article_id, text_hash)
);

-- The pages still to fetch stand apart from the wide article row: a lease must not rewrite its search index.
-- due_at is when somebody must look next: the due time, or the end of the lease.
CREATE TABLE page (
    article_id  bigint PRIMARY KEY REFERENCES article,
    host        text NOT NULL,
    state       text NOT NULL DEFAULT 'due' CHECK (state IN ('due', 'leased', 'read', 'failed')),
    due_at      timestamptz NOT NULL DEFAULT now(),
    attempts    integer NOT NULL DEFAULT 0,
    lease_token bigint NOT NULL DEFAULT 0,
    error       text,
    finished_at timestamptz
) WITH (fillfactor = 80);

CREATE INDEX page_due ON page (due_at) WHERE state IN ('due', 'leased');
CREATE INDEX page_leased ON page (host) WHERE state = 'leased';

CREATE TABLE story (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key        bytea NOT NULL,
    title      text NOT NULL,
    lang       text NOT NULL,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    articles   integer NOT NULL DEFAULT 0
) WITH (fillfactor = 80);

CREATE INDEX story_key ON story (key, started_at);

CREATE TABLE story_article (
    article_id bigint PRIMARY KEY REFERENCES article,
    story_id   bigint NOT NULL REFERENCES story,
    joined_at  timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE INDEX story_article_story ON story_article (story_id);

CREATE TABLE concept (
    id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name   text NOT NULL UNIQUE,
    origin text NOT NULL,
    terms  jsonb NOT NULL
);

CREATE TABLE rule (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text NOT NULL UNIQUE,
    origin     text NOT NULL,
    query      text,
    definition jsonb NOT NULL,
    languages  text[] NOT NULL,
    severity   text NOT NULL,
    alert      text[] NOT NULL,
    enabled    boolean NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    removed_at timestamptz
);

CREATE TABLE channel (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name            text NOT NULL UNIQUE,
    origin          text NOT NULL,
    kind            text NOT NULL,
    settings        jsonb NOT NULL,
    disabled_reason text,
    created_at      timestamptz NOT NULL DEFAULT now(),
    removed_at      timestamptz
);

-- One row, not a sequence: the new number is seen at the moment the change is, never before.
CREATE TABLE ruleset (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    version  bigint NOT NULL
);

INSERT INTO ruleset (version) VALUES (1);

CREATE FUNCTION bump_ruleset() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE marsad.ruleset SET version = version + 1;
    RETURN NULL;
END
$$;

CREATE TRIGGER rule_changed AFTER INSERT OR UPDATE OR DELETE ON rule FOR EACH ROW EXECUTE FUNCTION bump_ruleset();
CREATE TRIGGER concept_changed AFTER INSERT OR UPDATE OR DELETE ON concept FOR EACH ROW EXECUTE FUNCTION bump_ruleset();
CREATE TRIGGER channel_changed AFTER INSERT OR UPDATE OR DELETE ON channel FOR EACH ROW EXECUTE FUNCTION bump_ruleset();

CREATE TABLE match (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    rule_id    bigint NOT NULL REFERENCES rule,
    article_id bigint NOT NULL REFERENCES article,
    version_id bigint REFERENCES article_version,
    score      double precision NOT NULL,
    lang       text NOT NULL,
    reasons    jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (rule_id, article_id)
);

CREATE INDEX match_article ON match (article_id);

CREATE TABLE alert (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    rule_id    bigint NOT NULL REFERENCES rule,
    story_id   bigint NOT NULL REFERENCES story,
    match_id   bigint NOT NULL REFERENCES match,
    kind       text NOT NULL CHECK (kind IN ('story', 'summary')),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    acked_at   timestamptz,
    acked_by   text,
    UNIQUE (rule_id, story_id)
);

CREATE INDEX alert_story ON alert (story_id);

-- What is sent as one: state, lease and fence live here, so that the deliveries of a message cannot part.
-- due_at is when somebody must look next: the due time, or the end of the lease.
CREATE TABLE message (
    message_id  text PRIMARY KEY CHECK (octet_length(message_id) <= 500),
    channel_id  bigint NOT NULL REFERENCES channel,
    recipient   text NOT NULL,
    state       text NOT NULL DEFAULT 'due' CHECK (state IN ('due', 'leased', 'delivered', 'dead', 'held')),
    due_at      timestamptz NOT NULL,
    fence       bigint NOT NULL DEFAULT 0,
    attempts    integer NOT NULL DEFAULT 0,
    owed_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz,
    detail      text
) WITH (fillfactor = 80);

CREATE INDEX message_due ON message (due_at) WHERE state IN ('due', 'leased');
CREATE INDEX message_state ON message (state);

CREATE TABLE delivery (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    alert_id      bigint NOT NULL REFERENCES alert,
    channel_id    bigint NOT NULL REFERENCES channel,
    recipient     text NOT NULL,
    recipient_key bytea NOT NULL,
    message_id    text NOT NULL REFERENCES message,
    CONSTRAINT delivery_once UNIQUE (alert_id, channel_id, recipient_key)
);

CREATE INDEX delivery_message ON delivery (message_id);

CREATE TABLE attempt (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message_id  text NOT NULL REFERENCES message,
    fence       bigint NOT NULL,
    outcome     text NOT NULL CHECK (outcome IN ('delivered', 'retry', 'dead', 'unknown', 'held')),
    detail      text,
    started_at  timestamptz NOT NULL,
    finished_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    accepted    boolean NOT NULL
);

CREATE INDEX attempt_message ON attempt (message_id);
