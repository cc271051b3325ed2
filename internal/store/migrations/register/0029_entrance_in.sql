-- +goose Up

-- The list of entrances, of one state or of all, in the order of its pages.
CREATE INDEX entrance_in ON entrance (state, area, id);

-- +goose Down
DROP INDEX entrance_in;
