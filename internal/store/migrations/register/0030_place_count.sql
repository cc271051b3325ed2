-- +goose Up

-- How many places and plates there are in each part of the country, kept by
-- every transaction that changes one (package place, count.go): the Post's
-- pages must not count a million places when they open. One row a province,
-- one a county, one for a locality under each district and kind that it is on
-- record with, and one an area, by its quarter. The parts of a part are one
-- range of keys.
CREATE TABLE place_count (
    level     INTEGER NOT NULL,    -- of the part: 1 province, 2 county, 3 locality, 4 quarter
    province  TEXT    NOT NULL,    -- what the part lies in; '' at level 1
    county    TEXT    NOT NULL,    -- what the part lies in; '' above level 3
    locality  TEXT    NOT NULL,    -- what the part lies in; '' above level 4
    name      TEXT    NOT NULL,    -- of the part; '': not on record
    district  TEXT    NOT NULL,    -- of the locality; '' above level 3
    kind      TEXT    NOT NULL,    -- of the locality; '' above level 3
    area      INTEGER NOT NULL,    -- area.id; 0 above level 4
    places    BIGINT  NOT NULL,    -- places that stand
    served    BIGINT  NOT NULL,    -- those of them behind an entrance on record
    ordered   BIGINT  NOT NULL,    -- entrances whose plate is ordered
    installed BIGINT  NOT NULL,    -- entrances whose plate is installed
    missing   BIGINT  NOT NULL,    -- entrances whose plate is missing
    damaged   BIGINT  NOT NULL,    -- entrances whose plate is damaged
    PRIMARY KEY (level, province, county, locality, name, district, kind)
);

INSERT INTO place_count (level, province, county, locality, name, district, kind, area, places, served, ordered, installed, missing, damaged)
SELECT 4, a.province, a.county, a.locality, a.sub_locality, a.district, a.locality_kind, a.id,
    (SELECT COUNT(*) FROM place p WHERE p.area = a.id AND p.state = 1),
    (SELECT COUNT(*) FROM place p JOIN entrance_place ep ON ep.code = p.code WHERE p.area = a.id AND p.state = 1),
    (SELECT COUNT(*) FROM entrance e WHERE e.area = a.id AND e.state = 1),
    (SELECT COUNT(*) FROM entrance e WHERE e.area = a.id AND e.state = 2),
    (SELECT COUNT(*) FROM entrance e WHERE e.area = a.id AND e.state = 3),
    (SELECT COUNT(*) FROM entrance e WHERE e.area = a.id AND e.state = 4)
FROM area a;
INSERT INTO place_count (level, province, county, locality, name, district, kind, area, places, served, ordered, installed, missing, damaged)
SELECT 3, province, county, '', locality, district, kind, 0, SUM(places), SUM(served), SUM(ordered), SUM(installed), SUM(missing), SUM(damaged)
FROM place_count WHERE level = 4 GROUP BY province, county, locality, district, kind;
INSERT INTO place_count (level, province, county, locality, name, district, kind, area, places, served, ordered, installed, missing, damaged)
SELECT 2, province, '', '', county, '', '', 0, SUM(places), SUM(served), SUM(ordered), SUM(installed), SUM(missing), SUM(damaged)
FROM place_count WHERE level = 3 GROUP BY province, county;
INSERT INTO place_count (level, province, county, locality, name, district, kind, area, places, served, ordered, installed, missing, damaged)
SELECT 1, '', '', '', province, '', '', 0, SUM(places), SUM(served), SUM(ordered), SUM(installed), SUM(missing), SUM(damaged)
FROM place_count WHERE level = 2 GROUP BY province;

-- +goose Down
DROP TABLE place_count;
