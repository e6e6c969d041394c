-- The places of Iraq that an article names, as language/data/gazetteer has them by their keys. rank orders them, the most
-- telling first; start_at and end_at are code points of the field, as in the reasons of a match.
CREATE TABLE article_place (
    article_id bigint NOT NULL REFERENCES article,
    rank       smallint NOT NULL,
    place      text NOT NULL,
    field      text NOT NULL CHECK (field IN ('title', 'lead', 'body')),
    start_at   integer NOT NULL,
    end_at     integer NOT NULL,
    surface    text NOT NULL,
    reason     text NOT NULL,
    PRIMARY KEY (article_id, field, rank)
);

CREATE INDEX article_place_place ON article_place (place, article_id);
