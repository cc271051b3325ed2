package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
)

// benchLink measures record linkage: how often it is right, whether it knows
// how often it is wrong, and how fast it is. Each round builds the register's
// image, reads the file and links it; sets of invented people have other
// people's mistakes in each round, so that the ranges are of quality too.
type benchLink struct {
	benchFlags `embed:""`

	Rows        int      `default:"100000" help:"Rows of the invented files; the large set has ten times as many, and persons."`
	Sets        []string `default:"febrl,historical,persian,noisy" help:"Of febrl, historical (both from --linkage-data), persian, noisy, large; none: only --file."`
	LinkageData string   `env:"ESTELAM_LINKAGE_DATA" type:"existingdir" help:"Directory of febrl4a.csv, febrl4b.csv and h50k.csv."`
	Profiles    string   `default:"bench/linkage" type:"path" help:"Directory of the profiles of other people's tables."`
	File        []string `sep:"none" placeholder:"REGISTER,FILE,TRUTH" help:"Link these tables (CSV with heads) of the register's columns too; truth is row,national_number."`
	Wrong       string   `type:"path" help:"Write the wrong and the missed rows of the last round, with their weights, into this directory."`
}

// Run links each set in rounds.
func (c *benchLink) Run(ctx context.Context, s streams) error {
	if c.Rows < 100 {
		return errors.New("bench: at least 100 rows")
	}
	dir, remove := c.Data, func() {}
	if dir == "" {
		var err error
		if dir, err = os.MkdirTemp("", "estelam-bench-"); err != nil {
			return err
		}
		remove = func() { _ = os.RemoveAll(dir) }
	}
	defer remove()
	sets, err := c.sets(dir)
	if err != nil {
		return err
	}
	b, err := newBench(c.name(), c.benchFlags, s)
	if err != nil {
		return err
	}
	p := &chart{}
	for _, set := range sets {
		fmt.Fprintf(b, "%s  %s\n\n", set.name, set.title)
		var runs []*linkRun
		for round := range c.Rounds {
			run, err := c.round(ctx, b, set, round, dir)
			if err != nil {
				return fmt.Errorf("%s: %w", set.name, err)
			}
			runs = append(runs, run)
		}
		printLink(b, runs)
		drawLink(p, set, runs)
	}
	return b.finish(p)
}

// name tells results of some sets from those of all.
func (c *benchLink) name() string {
	name := "link"
	for _, s := range c.Sets {
		if s != "none" {
			name += "-" + s
		}
	}
	if len(c.File) > 0 {
		name += "-files"
	}
	return name
}

// sets are the sets that are asked for, not yet made.
func (c *benchLink) sets(dir string) (all []*linkSet, err error) {
	for _, name := range c.Sets {
		var set *linkSet
		switch name {
		case "none":
			continue
		case "febrl", "historical":
			if c.LinkageData == "" {
				return nil, fmt.Errorf("bench: set %s needs --linkage-data", name)
			}
			set, err = foreignSet(name, c.LinkageData, c.Profiles)
		case "persian", "noisy", "large":
			set = inventedSet(name, c.Persons, c.Rows)
		default:
			err = fmt.Errorf("bench: there is no set %q", name)
		}
		if err != nil {
			return nil, err
		}
		all = append(all, set)
	}
	for _, triple := range c.File {
		set, err := filesSet(triple)
		if err != nil {
			return nil, err
		}
		all = append(all, set)
	}
	if len(all) == 0 {
		return nil, errors.New("bench: no set and no file to link")
	}
	return all, nil
}

// round makes what a round links, builds the image, links and scores.
func (c *benchLink) round(ctx context.Context, b *bench, set *linkSet, round int, dir string) (*linkRun, error) {
	at := filepath.Join(dir, set.name)
	files, err := set.prepare(at, round)
	if err != nil {
		return nil, err
	}
	run := &linkRun{}
	image := filepath.Join(dir, set.name+".image")
	defer os.Remove(image)
	if err := run.build(ctx, set, files.register, image); err != nil {
		return nil, err
	}
	stop, err := b.profileLast(round)
	if err != nil {
		return nil, err
	}
	done, err := run.link(ctx, set, files.file, image)
	stop()
	if err != nil {
		return nil, err
	}
	defer done.close()
	if err := run.judge(done, files.truth); err != nil {
		return nil, err
	}
	if c.Wrong != "" && round == c.Rounds-1 {
		return run, done.writeWrong(filepath.Join(c.Wrong, set.name+".txt"), run)
	}
	return run, nil
}

// printLink prints one set's rounds.
func printLink(b *bench, runs []*linkRun) {
	t := tabwriter.NewWriter(b, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "\tround 1\t…\tmedian\trange\t\n")
	row := func(name string, digits int, f func(*linkRun) float64) {
		v := over(runs, f)
		var each []string
		for _, r := range runs[1:] {
			each = append(each, number(f(r), digits))
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s–%s\t\n", name, number(f(runs[0]), digits), strings.Join(each, "  "),
			number(v.mid, digits), number(v.low, digits), number(v.high, digits))
	}
	row("persons in the register", 0, func(r *linkRun) float64 { return float64(r.records) })
	row("rows", 0, func(r *linkRun) float64 { return float64(len(r.guesses)) })
	row("rows whose person is in it", 0, func(r *linkRun) float64 { return float64(r.present) })
	row("default (≥ ½): F1", 5, func(r *linkRun) float64 { return r.usual.f1() })
	row("precision", 5, func(r *linkRun) float64 { return r.usual.precision() })
	row("recall", 5, func(r *linkRun) float64 { return r.usual.recall() })
	row("actual ÷ expected false", 2, func(r *linkRun) float64 { return r.usual.calibration() })
	row("automatic: precision, %", 3, func(r *linkRun) float64 { return 100 * r.automatic.precision() })
	row("recall", 5, func(r *linkRun) float64 { return r.automatic.recall() })
	row("false", 0, func(r *linkRun) float64 { return float64(r.automatic.wrong) })
	row("expected false", 1, func(r *linkRun) float64 { return r.automatic.expected })
	row("actual ÷ expected false", 2, func(r *linkRun) float64 { return r.automatic.calibration() })
	row("recall at 99.9 % precision", 5, func(r *linkRun) float64 { return r.recallAt(.999) })
	row("recall estimated by the engine", 5, func(r *linkRun) float64 { return r.estimated })
	row("parsing and linking, s", 2, func(r *linkRun) float64 { return r.linking.Seconds() })
	row("rows/s", 0, func(r *linkRun) float64 { return float64(len(r.guesses)) / r.linking.Seconds() })
	row("processor time, s", 2, func(r *linkRun) float64 { return r.processor.Seconds() })
	row("peak memory linking, MiB", 0, func(r *linkRun) float64 { return float64(r.linkPeak) / (1 << 20) })
	row("image: build, s", 2, func(r *linkRun) float64 { return r.building.Seconds() })
	row("image: peak memory, MiB", 0, func(r *linkRun) float64 { return float64(r.buildPeak) / (1 << 20) })
	row("image: size, MiB", 0, func(r *linkRun) float64 { return float64(r.imageSize) / (1 << 20) })
	_ = t.Flush()
	printStatuses(b, runs[len(runs)-1])
	printReliability(b, runs)
	fmt.Fprintln(b)
}

// printStatuses prints what became of the last round's rows, and how many of
// each kind are right.
func printStatuses(b *bench, r *linkRun) {
	fmt.Fprintf(b, "\nlast round by status\n")
	t := tabwriter.NewWriter(b, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "\trows\tbest candidate right\twrong\tnone\tperson not in the register\t\n")
	for _, s := range slices.Sorted(maps.Keys(r.statuses)) {
		n := r.statuses[s]
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t\n", s, count(n.rows), count(n.right), count(n.wrong), count(n.none), count(n.absent))
	}
	_ = t.Flush()
}
