package linkage

import (
	"fmt"
	"strconv"
)

// hashes computes the hash of key k for each record of the image.
func (m *image) hashes(k int) []uint64 {
	r := &Register{image: m}
	all := make([]uint64, m.Records)
	for i := range all {
		all[i] = r.hash(k, func(c int) uint64 { return r.value(uint32(i), c) })
	}
	return all
}

// hash is the hash of key k of a record, 0 if it lacks a part.
func (r *Register) hash(k int, value func(c int) uint64) uint64 {
	h := uint64(k + 1)
	for _, p := range r.head.Profile.keys[k] {
		v := value(p.column)
		if v == 0 {
			return 0
		}
		switch p.what {
		case partSound:
			v = uint64(r.spelling(p.column, uint32(v)).sound)
		case partPrefix:
			s := r.spelling(p.column, uint32(v)).codes
			v = hashText(s[:min(len(s), p.n)])
		default:
			if v = p.of(v); v == 0 {
				return 0
			}
		}
		h = mix(h*31 + v)
	}
	return h | 1
}

// of is the part of a value that the key takes; 0: it is not known.
func (p part) of(v uint64) uint64 {
	switch p.what {
	case partYear:
		return v / yearUnit
	case partDay:
		if v%100 == 0 {
			return 0
		}
		return v % yearUnit
	}
	return v
}

// show writes a value as people read it.
func (r *Register) show(c int, v uint64) string {
	if v == 0 {
		return ""
	}
	switch column := &r.head.Profile.Columns[c]; {
	case column.textual():
		return r.spelling(c, uint32(v)).display
	case column.Kind == Key:
		return fmt.Sprintf("%010d", v)
	case column.Kind == DateOf:
		switch y, m, d := int(v/yearUnit), int(v/100%100), int(v%100); {
		case m == 0:
			return fmt.Sprintf("%04d", y)
		case d == 0:
			return fmt.Sprintf("%04d-%02d", y, m)
		default:
			return dateText(y, m, d)
		}
	}
	return strconv.FormatUint(v, 10)
}
