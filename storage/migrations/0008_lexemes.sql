-- Which word forms made an article's lexemes (rules.search.FORMS_VERSION); 0: unknown. Rows of older forms are made anew
-- in the background, and until then no search leaves them out. The index finds them newest first.

ALTER TABLE article ADD COLUMN forms_version smallint NOT NULL DEFAULT 0;
CREATE INDEX article_forms ON article (forms_version, id);
