-- +goose Up
-- Journal entries of acts that changed rows, written with those rows. Each
-- stays until its entry is in the log; then the row goes.
CREATE TABLE outbox (
    act   BYTEA PRIMARY KEY,  -- 16 bytes: the act's id; the log takes an act only once
    node  BIGINT NOT NULL,    -- hash of the name of the node that takes it into its log
    entry BYTEA  NOT NULL     -- the entry as the journal encodes it
);

-- +goose Down
DROP TABLE outbox;
