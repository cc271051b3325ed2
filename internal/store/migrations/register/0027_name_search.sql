-- Finding a person by name, which takes two persons of the registry (package
-- person, search.go), and the people an office expects on a day.

-- +goose Up

-- Who wants to look for a name, and who allowed it. What was found is not kept.
CREATE TABLE name_search (
    id             KEY64   PRIMARY KEY, -- 1, 2, 3 …
    given          TEXT    NOT NULL,    -- given name that is looked for, display form
    surname        TEXT    NOT NULL,    -- surname that is looked for, display form
    father         TEXT    NOT NULL,    -- father's name, display form; '': any
    born           INTEGER NOT NULL,    -- Jalali year of birth; 0: any
    reason         TEXT    NOT NULL,    -- code word
    document       TEXT    NOT NULL,    -- number and date of the paper that it rests on
    made           BIGINT  NOT NULL,    -- moment it was asked for
    role           TEXT    NOT NULL,    -- of who asks
    agency         BIGINT  NOT NULL,    -- his agency; 0: none
    officer        TEXT    NOT NULL,    -- his login
    state          TEXT    NOT NULL,    -- waiting, approved, refused
    decided        BIGINT  NOT NULL,    -- moment of the decision; 0: none yet
    decider_agency BIGINT  NOT NULL,    -- agency of who decided; 0: none
    decider        TEXT    NOT NULL,    -- his login; '': nobody yet
    note           TEXT    NOT NULL     -- what he said about it
);
CREATE INDEX name_search_state ON name_search (state, id);
CREATE INDEX name_search_officer ON name_search (agency, officer, id);

-- Names that sound alike, and who bears two names: some 18 bytes a person.
CREATE INDEX name_phonetic ON name (phonetic);
CREATE INDEX person_name ON person (surname, given);

-- Who has an appointment on a day.
CREATE INDEX card_life_day ON card_life (office, day) WHERE state = 3;

-- +goose Down
DROP INDEX card_life_day;
DROP INDEX person_name;
DROP INDEX name_phonetic;
DROP TABLE name_search;
