-- +goose Up

-- The list of an area's entrances, in the order of its pages.
CREATE INDEX entrance_in ON entrance (area, id);

-- +goose Down
DROP INDEX entrance_in;
