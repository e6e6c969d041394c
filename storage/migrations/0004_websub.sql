-- Push (WebSub): hubs that tell us at once what is new, and what they brought that is not read yet.

-- One row per source, topic and hub; a source is subscribed at one of its hubs at a time.
-- due_at is when somebody must look next: the due time, or the end of the claim.
CREATE TABLE subscription (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source_id    bigint NOT NULL REFERENCES source,
    key          bytea NOT NULL CHECK (octet_length(key) = 32),
    topic        text NOT NULL,
    hub          text NOT NULL,
    place        integer NOT NULL,
    base_url     text NOT NULL,
    offered_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    withdrawn    boolean NOT NULL DEFAULT false,
    state        text NOT NULL DEFAULT 'offered'
                 CHECK (state IN ('offered', 'wanted', 'active', 'denied', 'unwanted', 'ended')),
    reason       text,
    callback     text,
    callback_key bytea UNIQUE,
    secret       text,
    due_at       timestamptz NOT NULL DEFAULT now(),
    claim        bigint NOT NULL DEFAULT 0,
    asked_at     timestamptz,
    accepted     boolean NOT NULL DEFAULT false,
    failures     double precision NOT NULL DEFAULT 0,
    verified_at  timestamptz,
    ends_at      timestamptz,
    pushes       bigint NOT NULL DEFAULT 0,
    forged       bigint NOT NULL DEFAULT 0,
    missed       bigint NOT NULL DEFAULT 0,
    proofs       integer NOT NULL DEFAULT 0,
    relaxed      boolean NOT NULL DEFAULT false,
    last_push_at timestamptz,
    missed_at    timestamptz,
    UNIQUE (source_id, key)
) WITH (fillfactor = 80);

CREATE UNIQUE INDEX subscription_live ON subscription (source_id) WHERE state IN ('wanted', 'active');
CREATE INDEX subscription_due ON subscription (due_at) WHERE state IN ('wanted', 'active', 'unwanted');

-- What hubs brought. It is acknowledged only once it stands here and its bytes are on disk.
CREATE TABLE push (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subscription_id bigint NOT NULL REFERENCES subscription,
    source_id       bigint NOT NULL REFERENCES source,
    capture_id      bigint NOT NULL REFERENCES capture,
    received_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    state           text NOT NULL DEFAULT 'due' CHECK (state IN ('due', 'leased', 'kept', 'failed')),
    due_at          timestamptz NOT NULL DEFAULT now(),
    attempts        integer NOT NULL DEFAULT 0,
    lease_token     bigint NOT NULL DEFAULT 0,
    finished_at     timestamptz,
    entries         integer NOT NULL DEFAULT 0,
    new_entries     integer NOT NULL DEFAULT 0,
    error           text
) WITH (fillfactor = 80);

CREATE INDEX push_due ON push (due_at) WHERE state IN ('due', 'leased');
CREATE INDEX push_subscription ON push (subscription_id, id);

-- When a listener was last known to hear: who was deaf must look for himself.
CREATE TABLE push_listener (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    callback text NOT NULL,
    heard_at timestamptz NOT NULL
);
