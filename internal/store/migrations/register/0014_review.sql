-- +goose Up
-- Rows of deliveries that people decide (package delivery, review.go): those
-- that several persons may be meant by, and automatic links drawn at random.
-- What the agency wrote of a person stands here sealed alone; it goes when the
-- delivery is forgotten, and the estimate and the decision stay.
CREATE TABLE review_case (
    id           KEY64   PRIMARY KEY, -- 1, 2, 3 … in order of opening
    delivery     BIGINT  NOT NULL,  -- delivery.id
    no           BIGINT  NOT NULL,  -- delivery_row.no
    line         BIGINT  NOT NULL,  -- row number in the sheet
    sample       INTEGER NOT NULL,  -- 1: an automatic link, drawn at random; 0: the row is ambiguous
    state        INTEGER NOT NULL,  -- delivery.ReviewState: 1 open, 2 second, 3 disputed, 4 decided
    stakes       INTEGER NOT NULL,  -- bits of why two must decide, as delivery.stakes lists them; 0: one may
    round        INTEGER NOT NULL,  -- 1, 2, 3 …: grows when a decision is undone
    chance       BIGINT  NOT NULL,  -- estimated that the first candidate is the one, without recalibration, in thousandths of a millionth
    shown        BIGINT  NOT NULL,  -- the same with the recalibration of that time
    linked       BIGINT  NOT NULL,  -- whom chance is about: of a sample whom the row was linked to, else the first candidate
    node         TEXT    NOT NULL,  -- whose key the evidence is sealed to
    evidence     BYTEA   NOT NULL,  -- sealed JSON: the row's values, candidates and weights; empty: forgotten
    taker_agency BIGINT  NOT NULL,  -- agency of who works on it; 0: the registry itself, or nobody
    taker        TEXT    NOT NULL,  -- login of who works on it; '': nobody
    taken        BIGINT  NOT NULL,  -- moment since when; 0: nobody does
    decision     INTEGER NOT NULL,  -- delivery.Finding: 1 candidate, 2 none, 3 cannot tell; 0: not decided
    subject      BIGINT  NOT NULL,  -- national number of the chosen candidate; 0: none
    truth        INTEGER NOT NULL,  -- what the decision says of the estimate: 1 the first candidate was the one, 2 he was not; 0: nothing
    decided      BIGINT  NOT NULL,  -- moment; 0: not yet
    answer       INTEGER NOT NULL,  -- of the supplement: 0 not yet, 1 being made, 2 there was nothing new to tell, 3 answered again
    code         TEXT    NOT NULL   -- tracking code of the row's new entry; '': none
);
CREATE UNIQUE INDEX review_case_row ON review_case (delivery, no);
CREATE INDEX review_case_state ON review_case (state, id);
CREATE INDEX review_case_delivery ON review_case (delivery, state, id);
CREATE INDEX review_case_taker ON review_case (taker, id) WHERE taken > 0;

-- Who decided what about a case, and took it back. Nothing is ever deleted.
CREATE TABLE review_step (
    review_case  BIGINT  NOT NULL,  -- review_case.id
    no           INTEGER NOT NULL,  -- 1, 2, 3 … within the case
    round        INTEGER NOT NULL,  -- review_case.round at that time
    what         TEXT    NOT NULL,  -- 'decided', 'undone' or 'released'
    role         TEXT    NOT NULL,  -- who: journal.Actor.Role
    agency       BIGINT  NOT NULL,  -- who: the actor's agency; 0: the registry itself
    officer      TEXT    NOT NULL,  -- who: the actor's login
    at           BIGINT  NOT NULL,  -- moment
    seconds      BIGINT  NOT NULL,  -- from taking the case to this
    decision     INTEGER NOT NULL,  -- delivery.Finding; 0: none
    subject      BIGINT  NOT NULL,  -- national number of the chosen candidate; 0: none
    reason       TEXT    NOT NULL,  -- code word; '': none
    note         TEXT    NOT NULL,  -- remark of who did it; '': none
    act          BYTEA   NOT NULL,  -- journal.ActID
    PRIMARY KEY (review_case, no)
);
CREATE INDEX review_step_at ON review_step (at);

-- What the decisions taught about the estimates; the newest counts for files
-- that are linked from then on.
CREATE TABLE review_curve (
    id           KEY64   PRIMARY KEY, -- 1, 2, 3 …
    profile      TEXT    NOT NULL,  -- name of the linkage's profile
    made         BIGINT  NOT NULL,  -- moment
    officer      TEXT    NOT NULL,  -- login of who ordered it
    points       BIGINT  NOT NULL,  -- decisions that it rests on
    curve        TEXT    NOT NULL,  -- JSON of linkage.Curve
    measures     TEXT    NOT NULL,  -- JSON: how well the estimates fitted without and with it
    act          BYTEA   NOT NULL   -- journal.ActID
);

-- +goose Down
DROP TABLE review_curve;
DROP TABLE review_step;
DROP TABLE review_case;
