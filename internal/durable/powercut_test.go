package durable

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// disk is a file system of its own in an image file, mounted over a loop
// device, whose power can be cut.
type disk struct {
	kind  string // ext4 or xfs
	image string
	mount string
}

func newDisk(t *testing.T, kind string, size int64) *disk {
	t.Helper()
	dir := t.TempDir()
	d := &disk{kind: kind, image: filepath.Join(dir, "image"), mount: filepath.Join(dir, "mount")}
	must(t, os.Mkdir(d.mount, 0o700))
	f, err := os.Create(d.image)
	must(t, err)
	must(t, f.Truncate(size))
	must(t, f.Close())
	quiet := map[string]string{"ext4": "-qF", "xfs": "-qf"}[kind]
	_, err = command(tool(t, "mkfs."+kind), quiet, d.image)
	must(t, err)
	must(t, d.on(t))
	t.Cleanup(func() { _ = syscall.Unmount(d.mount, syscall.MNT_DETACH) }) // it may be off already
	return d
}

// on mounts the image, which replays the file system's own journal.
func (d *disk) on(t *testing.T) error {
	t.Helper()
	_, err := command(tool(t, "mount"), "-o", "loop", d.image, d.mount)
	return err
}

// off unmounts. A process that was just killed may hold it for a moment.
func (d *disk) off() error {
	var err error
	for end := now().Add(startLimit); now().Before(end); time.Sleep(5 * time.Millisecond) {
		if err = syscall.Unmount(d.mount, 0); err != syscall.EBUSY {
			break
		}
	}
	return err
}

// shutdown is FS_IOC_SHUTDOWN, the same for ext4 and xfs: the file system does
// not write one block more, not even of its own journal. What was not synced
// is gone, as when the power fails.
func (d *disk) shutdown() error {
	const request, withoutFlush = 0x8004587d, 2
	f, err := os.Open(d.mount)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	return unix.IoctlSetPointerInt(int(f.Fd()), request, withoutFlush)
}

// cut takes the power away from a server. It is stopped first: an answer that
// left between the cut and the kill would be an answer that no durable record
// has to stand behind.
func (d *disk) cut(t *testing.T, srv *server) error {
	t.Helper()
	if err := srv.freeze(); err != nil {
		return err
	}
	time.Sleep(10 * time.Millisecond) // what has left arrives
	if err := d.shutdown(); err != nil {
		return fmt.Errorf("shutdown: %w", err)
	}
	srv.kill()
	if err := d.off(); err != nil {
		return fmt.Errorf("unmount: %w", err)
	}
	return d.on(t)
}

// check has the file system's own checker look at the image.
func (d *disk) check(t *testing.T) {
	t.Helper()
	must(t, d.off())
	line := []string{"fsck.ext4", "-fn"}
	if d.kind == "xfs" {
		line = []string{"xfs_repair", "-n"}
	}
	out, err := command(tool(t, line[0]), line[1], d.image)
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	must(t, d.on(t))
}

func onPowerCut(t *testing.T) {
	t.Helper()
	if os.Getenv("ESTELAM_POWERCUT") == "" {
		t.Skip("./test powercut")
	}
	asRoot(t)
}

// powerCuts runs a server on a disk of its own and cuts the power each cycle.
func powerCuts(t *testing.T, bin, kind string, cycles int) *loop {
	t.Helper()
	d := newDisk(t, kind, 2<<30)
	k := &loop{site: liteSite(t, d.mount), bin: bin, cycles: cycles, dice: dice(t), most: 600 * time.Millisecond}
	syscall.Sync() // the site was there long before
	k.crash = func(_ int, srv *server) error { return d.cut(t, srv) }
	k.run(t)
	d.check(t)
	return k
}

// Promises P1 and P2 through power cuts. Unlike kill -9 they show a commit
// that was not synced: what waits in the kernel's memory is gone.
func TestPowerCut(t *testing.T) {
	onPowerCut(t)
	cycles := map[string]int{"ext4": 100, "xfs": 50}
	if long() {
		cycles = map[string]int{"ext4": 700, "xfs": 300}
	}
	for _, kind := range []string{"ext4", "xfs"} {
		t.Run(kind, func(t *testing.T) {
			k := powerCuts(t, program(t), kind, cycles[kind])
			k.clean(t)
			fmt.Printf("power cuts, %s: %v\n", kind, k)
		})
	}
}

// The power cuts above can fail: with the sync of the commits taken out of
// the source the same procedure finds lost entries.
func TestPowerCutFindsMissingSync(t *testing.T) {
	onPowerCut(t)
	bin, err := careless()
	must(t, err)
	for _, kind := range []string{"ext4", "xfs"} {
		t.Run(kind, func(t *testing.T) {
			k := powerCuts(t, bin, kind, 10)
			if k.lost == 0 {
				t.Errorf("commits that are not synced survived %d power cuts: this shows nothing about the others", k.done)
			}
			fmt.Printf("power cuts without the commit's sync, %s: %d acknowledged entries lost after %d cuts\n", kind, k.lost, k.done)
		})
	}
}
