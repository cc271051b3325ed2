-- +goose Up
-- What was asked, counted from the journal entry by entry. Counts stay when the
-- journal's private parts are purged: nothing here names a person.
CREATE TABLE usage_count (
    agency   BIGINT  NOT NULL, -- who asked
    behalf   BIGINT  NOT NULL, -- the body in whose name it asked; 0: its own
    month    INTEGER NOT NULL, -- Jalali month in Tehran, YYYYMM00
    process  TEXT    NOT NULL, -- code of the agency's service process; '': none was named
    purpose  TEXT    NOT NULL, -- code of the purpose
    service  TEXT    NOT NULL, -- identity, shenasnameh, …, deed, property, delivery
    outcome  TEXT    NOT NULL, -- of an inquiry its outcome, of a row of a file its status
    n        BIGINT  NOT NULL, -- how many entries
    PRIMARY KEY (month, agency, behalf, process, purpose, service, outcome)
);

CREATE INDEX usage_count_agency ON usage_count (agency, month);
CREATE INDEX usage_count_behalf ON usage_count (behalf, month) WHERE behalf > 0;

-- How far each log is counted, written in the transaction of the counts.
CREATE TABLE usage_mark (
    log    KEY64 PRIMARY KEY,  -- number of the log
    size   BIGINT NOT NULL,    -- entries of it that are counted
    lost   BIGINT NOT NULL     -- of these, entries that had been purged before they were counted
);

-- +goose Down
DROP TABLE usage_mark;
DROP TABLE usage_count;
