-- Tables of the register begin at 0002: this file is the store's own.

-- +goose Up
-- How often the rows of a noun have changed: other processes' caches watch it.
CREATE TABLE generation (
    noun TEXT PRIMARY KEY, -- the package whose rows changed, such as "agency"
    n    BIGINT NOT NULL   -- grows by one in each transaction that must be noticed
);
