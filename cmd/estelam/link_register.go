package main

import (
	"context"
	"errors"
	"io"
	"os"
	"strconv"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/linkage"
	"github.com/estelam/estelam/internal/mirror"
	"github.com/estelam/estelam/internal/sheet"
)

// against takes the register: another table, an image in a file, or the
// register as it stands.
func (c *linkCmd) against(ctx context.Context, s streams) (*against, error) {
	if c.Register != "" {
		return c.foreign(ctx, s)
	}
	h, err := visit(ctx, c.site)
	if err != nil {
		return nil, err
	}
	a := &against{house: h, close: h.close}
	if c.Image != "" {
		err = a.open(c.Image)
	} else {
		bar := newProgress(s.err, "image of the register")
		if err = h.mirror.Ensure(ctx, bar.at); err == nil {
			var at mirror.Position
			a.register, at, err = h.mirror.Register(ctx)
			a.position = &at
		}
	}
	if err != nil {
		a.close()
		return nil, err
	}
	return a, nil
}

// open takes the register from an image in a file.
func (a *against) open(path string) error {
	r, at, err := mirror.Read(path)
	if errors.Is(err, os.ErrNotExist) {
		return fault.New(fault.NotFound, "estelam.file").Because(err).At("image")
	}
	if err != nil {
		return err
	}
	leave := a.close
	a.register, a.position = r, &at
	a.close = func() { _ = r.Close(); leave() }
	return nil
}

// profile reads the columns of other people's tables.
func (c *linkCmd) profile() (*linkage.Profile, error) {
	data, err := os.ReadFile(c.Profile)
	if err != nil {
		return nil, fault.New(fault.NotFound, "estelam.file").Because(err).At("profile")
	}
	p, err := linkage.ParseProfile(data)
	if err != nil {
		return nil, fault.New(fault.Invalid, "estelam.link.profile", err.Error()).Because(err)
	}
	return p, nil
}

// columns are those of the file, in the order of the profile.
func (c *linkCmd) columns() ([]sheet.Column, error) {
	if c.Profile == "" {
		return sheet.PersonColumns(), nil
	}
	p, err := c.profile()
	if err != nil {
		return nil, err
	}
	all := make([]sheet.Column, len(p.Columns))
	for i := range all {
		all[i].Name = p.Columns[i].Name
	}
	return all, nil
}

// foreign makes an image of another table. It is gone with the process.
func (c *linkCmd) foreign(ctx context.Context, s streams) (*against, error) {
	p, err := c.profile()
	if err != nil {
		return nil, err
	}
	columns, err := c.columns()
	if err != nil {
		return nil, err
	}
	f, size, err := openPlain(c.Register)
	if err != nil {
		return nil, fault.Of(err).At("register")
	}
	defer f.Close()
	t, err := sheet.OpenTable(f, size, columns, sheet.ReadOptions{MaxRows: c.Rows})
	if err != nil {
		return nil, fault.Of(err).At("register")
	}
	b, err := fill(ctx, t, p, newProgress(s.err, "register"), size)
	if err != nil {
		return nil, err
	}
	path := c.Out + ".image"
	defer os.Remove(path) // what is mapped stays without a name
	if err := b.Write(ctx, path, nil, nil); err != nil {
		return nil, full(err)
	}
	r, err := linkage.Open(path)
	if err != nil {
		return nil, err
	}
	return &against{register: r, close: func() { _ = r.Close() }}, nil
}

// fill takes the rows of a table into an image. A record's key is its own, where
// the profile has one, else the number of its row.
func fill(ctx context.Context, t *sheet.TableReader, p *linkage.Profile, bar *progress, size int64) (*linkage.Builder, error) {
	b := linkage.NewBuilder(p)
	for n := int64(0); ; n++ {
		if n%1024 == 0 {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			bar.at(t.Bytes(), size)
		}
		row, err := t.Next()
		if errors.Is(err, io.EOF) {
			bar.done(n)
			return b, nil
		}
		if err == nil && row.Fault != nil {
			err = row.Fault.At("row " + strconv.Itoa(row.N))
		}
		if err != nil {
			return nil, fault.Of(err).At("register")
		}
		r := linkage.Record{Key: uint64(row.N), State: 1, Version: 1, Values: make([]string, len(p.Columns))}
		for i := range r.Values {
			r.Values[i] = row.Cell(i)
		}
		if p.Columns[0].Kind == linkage.Key {
			if r.Key, err = strconv.ParseUint(r.Values[0], 10, 56); err != nil {
				return nil, fault.New(fault.Invalid, "estelam.link.key").At("register.row " + strconv.Itoa(row.N))
			}
		}
		if err := b.Add(&r); err != nil {
			return nil, err
		}
	}
}
