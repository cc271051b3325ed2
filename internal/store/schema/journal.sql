-- The journal database, as the migrations make it on SQLite.
-- Written by go test ./internal/store -run Schema -update; do not edit.

-- One row a batch: the entries that became durable in one commit.
CREATE TABLE batch (
    id      INTEGER PRIMARY KEY,  -- log × 10¹⁴ + first
    n       INTEGER NOT NULL,   -- number of entries
    epoch   BIGINT  NOT NULL,   -- of the lease under which it was written
    time    BIGINT  NOT NULL,   -- of its entries, micros UTC; never smaller than the batch before
    root    BYTEA   NOT NULL,   -- root hash of the tree that ends with this batch
    leaves  BYTEA   NOT NULL,   -- n × 34 bytes: the public leaves; kept for ever
    private BYTEA               -- salts and records; NULL once purged
);

-- One row a log: one node writes it, for one Jalali year, with one signing key.
CREATE TABLE log (
    number     INTEGER PRIMARY KEY,       -- 1–999; stands in every tracking code
    origin     TEXT    NOT NULL UNIQUE, -- first line of its checkpoints and name of its key
    path       TEXT    NOT NULL UNIQUE, -- under /log/: year/node, and /2, /3 … for further logs of that year
    node       TEXT    NOT NULL,        -- the node that writes it
    year       INTEGER NOT NULL,        -- Jalali year in Tehran of its entries
    vkey       TEXT    NOT NULL,        -- public key in the form of c2sp.org/signed-note
    code_epoch INTEGER NOT NULL,        -- epoch of the key that makes its tracking codes
    epoch      BIGINT  NOT NULL,        -- of the lease: grows by one each time a process takes the log
    holder     TEXT    NOT NULL,        -- who took it last: host, process, moment, and a random part
    opened     BIGINT  NOT NULL,        -- micros UTC
    closed     BIGINT  NOT NULL,        -- micros UTC; 0 while the log may grow
    checkpoint TEXT    NOT NULL         -- the last one, signed, kept when the log was closed; else empty
);

-- Full tiles of 256 hashes (c2sp.org/tlog-tiles); partial ones are rebuilt.
CREATE TABLE tile (
    id     INTEGER PRIMARY KEY,   -- (log × 10 + level) × 10¹² + number of the tile in its level
    hashes BYTEA NOT NULL       -- 256 × 32 bytes
);
