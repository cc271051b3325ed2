package main

import (
	"context"
	"fmt"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/job"
	"github.com/estelam/estelam/internal/mirror"
)

// imageCmd looks after the register's image.
type imageCmd struct {
	Build  imageBuildCmd  `cmd:"" help:"Build a new image of the register now."`
	Show   imageShowCmd   `cmd:"" help:"Say what the image holds and how far the register has moved on."`
	Verify imageVerifyCmd `cmd:"" help:"Compare the image with its checksums."`
}

type imageBuildCmd struct {
	site `embed:""`
}

// Run builds the image: as a job of the server, if one runs the node.
func (c *imageBuildCmd) Run(ctx context.Context, s streams) error {
	h, err := visit(ctx, c.site)
	if err != nil {
		return err
	}
	defer h.close()
	bar := newProgress(s.err, "image of the register")
	ordered := false
	if h.release == nil {
		ordered, err = h.orderImage(ctx, bar)
	}
	if err == nil && !ordered {
		err = h.mirror.Build(ctx, bar.at)
	}
	if err != nil {
		return err
	}
	if at, _, err := h.mirror.Position(ctx); err == nil {
		bar.done(int64(at.Records))
	}
	return h.showImage(ctx, s)
}

// orderImage has the server build the image. If nobody takes the job up, who
// runs the node is no server: then it is not done.
func (h *house) orderImage(ctx context.Context, bar *progress) (done bool, err error) {
	const patience, pause = 5 * time.Second, 100 * time.Millisecond
	id, err := h.mirror.Order(ctx, operator())
	if err != nil {
		return false, err
	}
	for waited := time.Duration(0); ; waited += pause {
		j, found, err := h.jobs.ByID(ctx, id)
		switch {
		case err != nil || !found:
			return false, err
		case j.State == job.Done:
			return true, nil
		case j.State.Ended():
			return false, fault.New(fault.Unavailable, j.Fault)
		case j.State == job.Waiting && waited > patience:
			return false, h.jobs.Cancel(ctx, operator(), id)
		case j.State == job.Running:
			bar.at(j.Done, j.Total)
		}
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case <-time.After(pause):
		}
	}
}

type imageShowCmd struct {
	site `embed:""`
}

// Run shows the image.
func (c *imageShowCmd) Run(ctx context.Context, s streams) error {
	h, err := visit(ctx, c.site)
	if err != nil {
		return err
	}
	defer h.close()
	return h.showImage(ctx, s)
}

func (h *house) showImage(ctx context.Context, s streams) error {
	at, found, err := h.mirror.Position(ctx)
	if err != nil {
		return err
	}
	if !found {
		return fault.New(fault.NotFound, "mirror.none")
	}
	fmt.Fprintf(s.out, "persons  %s\nbytes    %s\nmade     %s\n", count(int64(at.Records)), count(at.Bytes), at.Made.Format(time.RFC3339))
	fmt.Fprintf(s.out, "change   %s, and %s since\n", count(at.Image.Change), count(int64(at.Laid)))
	if at.Image.Log != "" {
		fmt.Fprintf(s.out, "journal  %s, %s entries\n", at.Image.Log, count(at.Image.Size))
	}
	return nil
}

type imageVerifyCmd struct {
	where `embed:""`
}

// Run reads the whole image.
func (c *imageVerifyCmd) Run(s streams) error {
	records, found, err := mirror.Verify(imageDir(c.Data))
	if err != nil {
		return err
	}
	if !found {
		return fault.New(fault.NotFound, "mirror.none")
	}
	fmt.Fprintf(s.out, "%s persons, all checksums right\n", count(int64(records)))
	return nil
}
