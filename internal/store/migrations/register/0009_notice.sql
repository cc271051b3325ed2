-- +goose Up
-- Campaigns of notification letters (bylaw of 1378, art. 7).
CREATE TABLE notice_campaign (
    id      KEY64   PRIMARY KEY,    -- 1, 2, 3 … in order of ordering
    name    TEXT    NOT NULL,       -- what staff call it
    choice  TEXT    NOT NULL,       -- who gets a letter: JSON of notice.Choice
    state   INTEGER NOT NULL,       -- notice.CampaignState: 1 composing, 2 composed
    job     BIGINT  NOT NULL,       -- job.id of its composing
    made    BIGINT  NOT NULL,       -- moment of ordering
    role    TEXT    NOT NULL,       -- who ordered it: journal.Actor.Role
    agency  BIGINT  NOT NULL,       -- who ordered it: the actor's agency; 0: the registry itself
    officer TEXT    NOT NULL,       -- who ordered it: the actor's login
    act     BYTEA   NOT NULL        -- journal.ActID
);

-- Letters: at most one a person and campaign.
CREATE TABLE notice_letter (
    id       KEY64   PRIMARY KEY,   -- number of the letter: 1, 2, 3 … over all campaigns
    campaign BIGINT  NOT NULL,      -- notice_campaign.id
    subject  BIGINT  NOT NULL,      -- national number of the person
    version  BIGINT  NOT NULL,      -- version of the record that the letter shows
    postal   BIGINT  NOT NULL,      -- postal code it goes to; its first five digits are the route
    province TEXT    NOT NULL,      -- of that place
    code     BIGINT  NOT NULL,      -- objection code: 14 random digits and two check digits
    state    INTEGER NOT NULL,      -- notice.LetterState: 1 made, 2 in a batch, 3 printed, 4 posted, 5 delivered, 6 returned, 7 dropped
    reason   INTEGER NOT NULL,      -- notice.Reason why it came back; 0: it did not
    batch    BIGINT  NOT NULL,      -- notice_batch.id; 0: in none
    changed  BIGINT  NOT NULL       -- moment of the last change of its state
);
CREATE UNIQUE INDEX notice_letter_once ON notice_letter (campaign, subject);
CREATE UNIQUE INDEX notice_letter_code ON notice_letter (code);
CREATE INDEX notice_letter_route ON notice_letter (campaign, state, postal);
CREATE INDEX notice_letter_batch ON notice_letter (batch) WHERE batch > 0;

-- Persons whom a campaign chose and who have no address to write to.
CREATE TABLE notice_unaddressed (
    campaign BIGINT  NOT NULL,      -- notice_campaign.id
    subject  BIGINT  NOT NULL,      -- national number of the person
    why      INTEGER NOT NULL,      -- notice.Lack: 1 no postal code, 2 the code is no place, 3 the place is no more
    PRIMARY KEY (campaign, subject)
);

-- How many letters a campaign has in each province and state, and how many
-- persons without an address: written with every change of the rows above.
CREATE TABLE notice_tally (
    campaign BIGINT  NOT NULL,      -- notice_campaign.id
    province TEXT    NOT NULL,      -- notice_letter.province; '': persons without an address
    state    INTEGER NOT NULL,      -- notice_letter.state; 0: persons without an address
    reason   INTEGER NOT NULL,      -- notice_letter.reason
    lack     INTEGER NOT NULL,      -- notice_unaddressed.why; 0: letters
    n        BIGINT  NOT NULL,      -- how many; 0: none any more
    PRIMARY KEY (campaign, province, state, reason, lack)
);

-- Print batches.
CREATE TABLE notice_batch (
    id       KEY64   PRIMARY KEY,   -- 1, 2, 3 … over all campaigns
    campaign BIGINT  NOT NULL,      -- notice_campaign.id
    state    INTEGER NOT NULL,      -- notice.BatchState: 1 made, 2 printed, 3 posted
    letters  INTEGER NOT NULL,      -- how many it held when it was made
    last_day INTEGER NOT NULL,      -- date: last day on which its letters may be objected to
    made     BIGINT  NOT NULL,      -- moment of making
    role     TEXT    NOT NULL,      -- who made it: journal.Actor.Role
    agency   BIGINT  NOT NULL,      -- who made it: the actor's agency; 0: the registry itself
    officer  TEXT    NOT NULL,      -- who made it: the actor's login
    act      BYTEA   NOT NULL       -- journal.ActID
);
CREATE INDEX notice_batch_campaign ON notice_batch (campaign);

-- Wrong tries on an objection code, of one day; earlier days go.
CREATE TABLE notice_try (
    day  INTEGER NOT NULL,          -- date, in Tehran
    code BIGINT  NOT NULL,          -- the code that was tried, whether it exists or not
    n    INTEGER NOT NULL,          -- how often
    PRIMARY KEY (day, code)
);

-- +goose Down
DROP TABLE notice_try;
DROP TABLE notice_batch;
DROP TABLE notice_tally;
DROP TABLE notice_unaddressed;
DROP TABLE notice_letter;
DROP TABLE notice_campaign;
