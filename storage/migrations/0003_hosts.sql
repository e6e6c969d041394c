-- Politeness is kept here, so that it holds among all workers, and for sources and pages together.
-- Who has a turn at a host is told by the leases of source and page: a killed worker's turn ends with its lease.

CREATE TABLE host (
    host    text PRIMARY KEY,                     -- with its port where that is not the usual one
    next_at timestamptz NOT NULL DEFAULT now(),   -- nothing is asked of it before
    delay   interval NOT NULL DEFAULT '0',        -- its Crawl-delay: then one at a time, and so long between two
    claims  bigint NOT NULL DEFAULT 0             -- counts up with each claim: who counted turns before it counts again
) WITH (fillfactor = 50);

-- By origin, as RFC 9309 section 2.3 has it: http and https are two.
CREATE TABLE robots (
    origin        text PRIMARY KEY,
    host          text NOT NULL,
    status        integer,               -- of the last answer; null: none came
    body          bytea,                 -- the rules as they last came; null: it has none, or never came
    etag          text,
    last_modified text,
    delay         interval NOT NULL DEFAULT '0',
    good_at       timestamptz,           -- when the site last said what holds: its rules, or that it has none
    fresh_until   timestamptz NOT NULL,  -- when to ask again
    failures      integer NOT NULL DEFAULT 0,
    error         text,                  -- why asking last brought nothing
    failure       text,                  -- the kind of that
    lease_token   bigint NOT NULL DEFAULT 0,
    leased_until  timestamptz
) WITH (fillfactor = 80);

CREATE INDEX robots_host ON robots (host);

-- What robots.txt had to say is on record with whatever was fetched, and with what was not.
ALTER TABLE visit ADD COLUMN robots text;
ALTER TABLE capture ADD COLUMN robots text;

-- Whether a source waits at a host: pages stand back for it.
CREATE INDEX source_host ON source (host) WHERE enabled;

-- Until now the port was not part of the host.
UPDATE source SET host = host || substring(url FROM '^[A-Za-z]+://[^/?#]*(:[0-9]+)(?:[/?#]|$)')
WHERE url ~ '^[A-Za-z]+://[^/?#]*:[0-9]+([/?#]|$)' AND url !~* '^(http://[^/?#]*:80|https://[^/?#]*:443)([/?#]|$)';

UPDATE page SET host = page.host || substring(a.url FROM '^[A-Za-z]+://[^/?#]*(:[0-9]+)(?:[/?#]|$)')
FROM article a
WHERE a.id = page.article_id AND page.state IN ('due', 'leased')
  AND a.url ~ '^[A-Za-z]+://[^/?#]*:[0-9]+([/?#]|$)' AND a.url !~* '^(http://[^/?#]*:80|https://[^/?#]*:443)([/?#]|$)';
