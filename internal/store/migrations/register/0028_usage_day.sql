-- +goose Up
-- What was asked by day, for the first page of an agency's officers: how many
-- inquiries, with what outcome. It is counted from the migration on, in the
-- transaction that counts months and moves the marks; it names no person.
CREATE TABLE usage_day (
    agency   BIGINT  NOT NULL, -- who asked
    day      INTEGER NOT NULL, -- Jalali day in Tehran, YYYYMMDD
    outcome  TEXT    NOT NULL, -- of the inquiries
    n        BIGINT  NOT NULL, -- how many
    PRIMARY KEY (agency, day, outcome)
);

-- +goose Down
DROP TABLE usage_day;
