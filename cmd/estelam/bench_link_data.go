package main

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/estelam/estelam/internal/linkage"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/synth"
)

// linkSet is a register, a file and the truth, as tables with heads.
type linkSet struct {
	name, title string
	profile     *linkage.Profile
	key         string // the register's column that names a record
	// prepare writes the tables of a round into a directory, or says where they are.
	prepare func(dir string, round int) (*linkFiles, error)
}

// linkFiles are the paths of a set's tables. Truth has the columns row, from 1
// on, and the key, which is empty if the register does not have the person.
type linkFiles struct{ register, file, truth string }

func (s *linkSet) columns() (names []string) {
	for i := range s.profile.Columns {
		names = append(names, s.profile.Columns[i].Name)
	}
	return names
}

func filesIn(dir string) *linkFiles {
	return &linkFiles{filepath.Join(dir, "register.csv"), filepath.Join(dir, "file.csv"), filepath.Join(dir, "truth.csv")}
}

// filesSet is other people's files of the register's columns.
func filesSet(triple string) (*linkSet, error) {
	f := strings.Split(triple, ",")
	if len(f) != 3 {
		return nil, errors.New("bench: --file is three paths with commas between")
	}
	for _, path := range f {
		if _, err := os.Stat(path); err != nil {
			return nil, err
		}
	}
	name := filepath.Base(filepath.Dir(f[1]))
	return &linkSet{name: name, title: "files made by others", profile: linkage.Persian(), key: "national_number",
		prepare: func(string, int) (*linkFiles, error) { return &linkFiles{f[0], f[1], f[2]}, nil }}, nil
}

// inventedSet is a synthetic population and a file about it with mistakes.
func inventedSet(name string, persons, rows int) *linkSet {
	d := synth.Dirt{Rows: rows}
	title := "standard noise"
	switch name {
	case "noisy":
		d.Noise, d.NoNumbers, title = 200, true, "noise × 2, no national numbers"
	case "large":
		d.Rows, persons, title = rows*10, persons*10, "standard noise, ten times as large"
	}
	return &linkSet{name: name, title: fmt.Sprintf("%s persons × %s rows, %s", count(int64(persons)), count(int64(d.Rows)), title),
		profile: linkage.Persian(), key: "national_number",
		prepare: func(dir string, round int) (*linkFiles, error) {
			d := d
			if d.Seed = benchSeed + uint64(round); name == "large" {
				d.Seed = benchSeed // making it takes longer than linking it
			}
			return invent(filepath.Join(dir, strconv.FormatUint(d.Seed, 10)), persons, d)
		}}
}

// invent writes an invented set into dir, if it is not there.
func invent(dir string, persons int, d synth.Dirt) (*linkFiles, error) {
	f := filesIn(dir)
	if _, err := os.Stat(f.truth); err == nil {
		return f, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	people := synth.New(synth.Config{Seed: benchSeed, Persons: persons, Places: max(persons/3, 10)})
	head := append(synth.DirtyColumns[:len(synth.DirtyColumns):len(synth.DirtyColumns)], "state")
	err := writeCSV(f.register, head, func(write func([]string)) {
		for p := range people.Persons() {
			if d.InRegister(int64(p.Number)) {
				write(onRecord(&p))
			}
		}
	})
	if err != nil {
		return nil, err
	}
	var truth [][]string
	err = writeCSV(f.file, synth.DirtyColumns[:], func(write func([]string)) {
		for r := range people.DirtyRows(d) {
			write(r.Values[:])
			key := ""
			if r.Truth != 0 {
				key = strconv.FormatInt(r.Truth, 10)
			}
			truth = append(truth, []string{strconv.Itoa(r.ID), key})
		}
	})
	if err != nil {
		return nil, err
	}
	return f, writeAll(f.truth, []string{"row", "national_number"}, truth)
}

// onRecord is a person's line of the register, in the order of a file's
// columns, and his state.
func onRecord(p *person.Person) []string {
	return []string{
		p.Number.String(), p.Given.Display, p.Surname.Display, p.Father.Display, p.Born.String(),
		p.Shenasnameh.Number.String(), p.Shenasnameh.IssuePlace, p.Sex.String(), optionalPostal(p), p.State.String(),
	}
}

func optionalPostal(p *person.Person) string {
	if p.Postal == 0 {
		return ""
	}
	return p.Postal.String()
}

// foreignSet is a labelled set of other people's, linked by its own profile:
// febrl is 5,000 invented Australians and each of them once more with errors;
// historical is the people of an encyclopaedia, the first row of each as
// register and the others as file.
func foreignSet(name, from, profiles string) (*linkSet, error) {
	data, err := os.ReadFile(filepath.Join(profiles, name+".json"))
	if err != nil {
		return nil, err
	}
	p, err := linkage.ParseProfile(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	set := &linkSet{name: name, profile: p, key: "key"}
	switch name {
	case "febrl":
		set.title = "FEBRL 4: 5,000 × 5,000"
		set.prepare = func(dir string, _ int) (*linkFiles, error) { return febrl(dir, from) }
	case "historical":
		set.title = "historical figures with errors: 5,156 × 45,422"
		set.prepare = func(dir string, _ int) (*linkFiles, error) { return historical(dir, from) }
	}
	return set, nil
}

// febrl writes FEBRL's halves with their keys: rec-N-org and rec-N-dup-0 are
// one, and have the key 1N, since no key is 0.
func febrl(dir, from string) (*linkFiles, error) {
	a, err := readAll(filepath.Join(from, "febrl4a.csv"))
	if err != nil {
		return nil, err
	}
	b, err := readAll(filepath.Join(from, "febrl4b.csv"))
	if err != nil {
		return nil, err
	}
	key := func(line []string) string { return "1" + strings.Split(line[0]+"--", "-")[1] }
	return labelled(dir, a[0], a[1:], b[1:], key)
}

// historical writes the first row of each person as register, the others as file.
func historical(dir, from string) (*linkFiles, error) {
	all, err := readAll(filepath.Join(from, "h50k.csv"))
	if err != nil {
		return nil, err
	}
	key := func(line []string) string { return strings.TrimPrefix(line[1], "Q") }
	var register, file [][]string
	seen := map[string]bool{}
	for _, line := range all[1:] {
		if !seen[line[1]] {
			seen[line[1]] = true
			register = append(register, line)
		} else {
			file = append(file, line)
		}
	}
	return labelled(dir, all[0], register, file, key)
}

// labelled writes two tables whose lines name their persons: the register with
// the key, the file without.
func labelled(dir string, head []string, register, file [][]string, key func([]string) string) (*linkFiles, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	f := filesIn(dir)
	keyed := make([][]string, len(register))
	for i, line := range register {
		keyed[i] = append([]string{key(line)}, line...)
	}
	truth := make([][]string, len(file))
	for i, line := range file {
		truth[i] = []string{strconv.Itoa(i + 1), key(line)}
	}
	return f, errors.Join(
		writeAll(f.register, append([]string{"key"}, head...), keyed),
		writeAll(f.file, head, file),
		writeAll(f.truth, []string{"row", "key"}, truth),
	)
}

func readAll(path string) ([][]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll()
	if err == nil && len(all) < 2 {
		err = errors.New("the table is empty")
	}
	return all, err
}

func writeAll(path string, head []string, lines [][]string) error {
	return writeCSV(path, head, func(write func([]string)) {
		for _, line := range lines {
			write(line)
		}
	})
}

// writeCSV writes a table line by line.
func writeCSV(path string, head []string, lines func(write func([]string))) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	buffered := bufio.NewWriterSize(f, 1<<18)
	w := csv.NewWriter(buffered)
	_ = w.Write(head) // the first error stays, and Error tells it
	lines(func(line []string) { _ = w.Write(line) })
	w.Flush()
	return errors.Join(w.Error(), buffered.Flush(), f.Close())
}
