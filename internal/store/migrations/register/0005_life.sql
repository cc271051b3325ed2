-- +goose Up
-- What happened to persons, on what grounds, and who did it. Beside the
-- versions of a row, which say what stood in it, this is a person's story.
-- Rows are added and never changed.
CREATE TABLE person_event (
    number            BIGINT  NOT NULL, -- national number of the person
    no                INTEGER NOT NULL, -- 1, 2, 3 … within the person, in order of registration
    kind              TEXT    NOT NULL, -- what happened: a word of docs/events.md, such as 'death'
    happened          INTEGER NOT NULL, -- date on which it happened; 0: on the day of registration
    reason            TEXT    NOT NULL, -- grounds: code word, such as 'court-order'
    document          TEXT    NOT NULL, -- grounds: number and date of the paper that proves it
    proposer_role     TEXT    NOT NULL, -- who proposed it, if two persons did it: role; '': nobody
    proposer_agency   BIGINT  NOT NULL, -- who proposed it: his agency; 0: the registry itself
    proposer          TEXT    NOT NULL, -- who proposed it: his login
    version           BIGINT  NOT NULL, -- version of the person's row that the act made; 0: none
    detail            TEXT    NOT NULL, -- JSON object: what does not stand in the row; '': nothing
    made              BIGINT  NOT NULL, -- moment of registration
    role              TEXT    NOT NULL, -- who did it: journal.Actor.Role
    agency            BIGINT  NOT NULL, -- who did it: the actor's agency; 0: the registry itself
    officer           TEXT    NOT NULL, -- who did it: the actor's login
    act               BYTEA   NOT NULL, -- journal.ActID of the entry in the log
    PRIMARY KEY (number, no)
) CLUSTERED;

-- Acts of great harm wait here for a second person (person.Proposal).
CREATE TABLE proposal (
    id               KEY64   PRIMARY KEY, -- 1, 2, 3 …
    kind             TEXT    NOT NULL, -- 'death', 'cancellation' …
    number           BIGINT  NOT NULL, -- national number of the person whose record it would change
    version          BIGINT  NOT NULL, -- version of the record that it was made from
    body             BYTEA   NOT NULL, -- JSON: the act's input, as the proposer gave it
    reason           TEXT    NOT NULL, -- grounds: code word
    document         TEXT    NOT NULL, -- grounds: number and date of the paper
    made             BIGINT  NOT NULL, -- moment of the proposal
    role             TEXT    NOT NULL, -- who proposed it: journal.Actor.Role
    agency           BIGINT  NOT NULL, -- who proposed it: his agency; 0: the registry itself
    officer          TEXT    NOT NULL, -- who proposed it: his login
    state            TEXT    NOT NULL, -- 'waiting', 'done', 'refused', 'withdrawn', 'overtaken'
    decided          BIGINT  NOT NULL, -- moment of the decision; 0: waiting
    decider_role     TEXT    NOT NULL, -- who decided: journal.Actor.Role
    decider_agency   BIGINT  NOT NULL, -- who decided: his agency
    decider          TEXT    NOT NULL, -- who decided: his login
    note             TEXT    NOT NULL, -- what the decider had to say
    act              BYTEA   NOT NULL  -- journal.ActID of the proposal's entry in the log
);
CREATE INDEX proposal_state ON proposal (state, id);
CREATE INDEX proposal_number ON proposal (number, id);

-- Values that nobody may be told any more, as after an adoption: in versions up
-- to one, the columns named show what stands in the version after it.
CREATE TABLE person_seal (
    number  BIGINT  NOT NULL,          -- national number
    version BIGINT  NOT NULL,          -- the last version that is sealed
    columns INTEGER NOT NULL,          -- sum of: 1 given name, 2 surname, 4 father's name, 8 parents
    PRIMARY KEY (number, version)
) CLUSTERED;

-- Children of a parent whom the notification of a birth named.
CREATE INDEX birth_father ON birth (father) WHERE father <> 0;
CREATE INDEX birth_mother ON birth (mother) WHERE mother <> 0;

-- +goose Down
DROP INDEX birth_mother;
DROP INDEX birth_father;
DROP TABLE person_seal;
DROP TABLE proposal;
DROP TABLE person_event;
