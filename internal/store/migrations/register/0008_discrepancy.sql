-- +goose Up
-- Cases in which somebody says that the register is wrong (bylaw of 1378,
-- art. 7). What the record says is not copied here: a case names the version
-- that was in doubt, and the person's history holds it.
CREATE TABLE discrepancy (
    id           KEY64   PRIMARY KEY, -- 1, 2, 3 … in order of opening
    subject      BIGINT  NOT NULL,  -- national number of the person
    source       TEXT    NOT NULL,  -- where the doubt comes from: 'objection' to a letter
    source_id    BIGINT  NOT NULL,  -- its number there: the letter's; 0: none
    version      BIGINT  NOT NULL,  -- version of the record that is in doubt
    text         TEXT    NOT NULL,  -- what the person wrote
    opened       BIGINT  NOT NULL,  -- moment of opening
    deadline     INTEGER NOT NULL,  -- date: last day to resolve it
    state        INTEGER NOT NULL,  -- discrepancy.State: 1 open, 2 taken, 3 proposed, 4 closed
    outcome      INTEGER NOT NULL,  -- discrepancy.Outcome: 1 corrected, 2 confirmed, 3 rejected, 4 withdrawn; 0: not closed
    taker_agency BIGINT  NOT NULL,  -- agency of who works on it; 0: the registry itself, or nobody
    taker        TEXT    NOT NULL,  -- login of who works on it; '': nobody
    proposal     BIGINT  NOT NULL   -- the correction that was proposed last: person_proposal.id; 0: none
);
CREATE INDEX discrepancy_state ON discrepancy (state, id);
CREATE INDEX discrepancy_subject ON discrepancy (subject, id);
CREATE INDEX discrepancy_open ON discrepancy (id) WHERE state < 4;
CREATE INDEX discrepancy_source ON discrepancy (source, source_id);

-- What is said to be wrong.
CREATE TABLE discrepancy_item (
    discrepancy BIGINT NOT NULL,    -- discrepancy.id
    field       TEXT   NOT NULL,    -- item of the record, as inquiries name it
    claimed     TEXT   NOT NULL,    -- what should stand there, in the form programs read
    PRIMARY KEY (discrepancy, field)
);

-- Who did what with a case.
CREATE TABLE discrepancy_step (
    discrepancy BIGINT  NOT NULL,   -- discrepancy.id
    no          INTEGER NOT NULL,   -- 1, 2, 3 … within the case
    what        TEXT    NOT NULL,   -- 'opened', 'added', 'taken', 'released', 'proposed', 'reopened', or the outcome
    at          BIGINT  NOT NULL,   -- moment
    role        TEXT    NOT NULL,   -- who: journal.Actor.Role
    agency      BIGINT  NOT NULL,   -- who: the actor's agency; 0: the registry itself
    officer     TEXT    NOT NULL,   -- who: the actor's login
    reason      TEXT    NOT NULL,   -- code word of the reason; '': none
    document    TEXT    NOT NULL,   -- the paper that proves it; '': none
    note        TEXT    NOT NULL,   -- remark of who did it; '': none
    act         BYTEA   NOT NULL,   -- journal.ActID
    PRIMARY KEY (discrepancy, no)
);

-- +goose Down
DROP TABLE discrepancy_step;
DROP TABLE discrepancy_item;
DROP TABLE discrepancy;
