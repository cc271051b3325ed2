// Command tesseratest reads a served log as a stranger would: with the client
// and the fsck of github.com/transparency-dev/tessera, which know nothing of
// this project. The tests of package journal run it; it is a module of its own
// because tessera's dependencies are not wanted in ours.
//
//	tesseratest <URL of the log> <public key>
//
// It exits with 0 only if the checkpoint is signed, every bundle and tile is
// the tree's, an inclusion proof of the last entry and a consistency proof
// from a smaller size hold.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/api"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/fsck"
	"golang.org/x/mod/sumdb/note"
	"k8s.io/klog/v2"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "tesseratest:", err)
		os.Exit(1)
	}
}

// limit: tessera's fsck hangs on some tampered logs.
const limit = 60 * time.Second

func run(args []string) error {
	if len(args) != 2 {
		return errors.New("usage: tesseratest <URL of the log> <public key>")
	}
	root, err := url.Parse(args[0])
	if err != nil {
		return err
	}
	verifier, err := note.NewVerifier(args[1])
	if err != nil {
		return err
	}
	fetcher, err := client.NewHTTPFetcher(root, nil)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	failed := make(chan error, 1)
	go func() { failed <- errors.Join(proofs(ctx, fetcher, verifier), check(ctx, fetcher, verifier)) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		return errors.New("fsck does not come to an end: the log is not as it should be")
	}
}

// proofs checks the last entry and the growth of the log with tessera's client.
func proofs(ctx context.Context, f *client.HTTPFetcher, v note.Verifier) error {
	cp, _, _, err := client.FetchCheckpoint(ctx, f.ReadCheckpoint, v, v.Name())
	if err != nil {
		return err
	}
	if cp.Size < 2 {
		return fmt.Errorf("a log of %d entries shows too little", cp.Size)
	}
	b, err := client.NewProofBuilder(ctx, cp.Size, f.ReadTile)
	if err != nil {
		return err
	}
	for _, index := range []uint64{0, cp.Size / 2, cp.Size - 1} {
		bundle, err := client.GetEntryBundle(ctx, f.ReadEntryBundle, index/256, cp.Size)
		if err != nil {
			return err
		}
		path, err := b.InclusionProof(ctx, index)
		if err != nil {
			return err
		}
		leaf := rfc6962.DefaultHasher.HashLeaf(bundle.Entries[index%256])
		if err := proof.VerifyInclusion(rfc6962.DefaultHasher, index, cp.Size, leaf, path, cp.Hash); err != nil {
			return fmt.Errorf("entry %d: %w", index, err)
		}
	}
	old := cp.Size/2 + 1
	smaller, err := client.NewProofBuilder(ctx, old, f.ReadTile)
	if err != nil {
		return err
	}
	path, err := b.ConsistencyProof(ctx, old, cp.Size)
	if err != nil {
		return err
	}
	oldRoot, err := rootOf(ctx, smaller, f, old)
	if err != nil {
		return err
	}
	return proof.VerifyConsistency(rfc6962.DefaultHasher, old, cp.Size, path, oldRoot, cp.Hash)
}

// rootOf computes the root of a smaller tree from the path of its last leaf.
func rootOf(ctx context.Context, b *client.ProofBuilder, f *client.HTTPFetcher, size uint64) ([]byte, error) {
	leaves, err := client.FetchLeafHashes(ctx, f.ReadTile, size-1, 1, size)
	if err != nil {
		return nil, err
	}
	path, err := b.InclusionProof(ctx, size-1)
	if err != nil {
		return nil, err
	}
	hash := leaves[0]
	for _, left := range path { // every sibling of the last leaf lies left of it
		hash = rfc6962.DefaultHasher.HashChildren(left, hash)
	}
	return hash, nil
}

// check runs tessera's fsck. It may report nothing and only print what does not
// fit, so whatever it prints above the level of information is a failure.
func check(ctx context.Context, f *client.HTTPFetcher, v note.Verifier) error {
	klog.LogToStderr(false)
	var printed output
	for _, severity := range []string{"WARNING", "ERROR"} {
		klog.SetOutputBySeverity(severity, &printed)
	}
	whole := fsck.New(v.Name(), v, f, hashBundle, fsck.Opts{N: 8})
	err := whole.Check(ctx)
	klog.Flush()
	status := whole.Status()
	for _, ranges := range append(status.TileRanges, status.EntryRanges) {
		for _, r := range ranges {
			if err == nil && r.State != fsck.OK {
				err = errors.New("fsck has not found everything in order:\n" + status.String())
			}
		}
	}
	if text := printed.String(); err == nil && strings.TrimSpace(text) != "" {
		err = errors.New("fsck printed: " + text)
	}
	return err
}

func hashBundle(data []byte) ([][]byte, error) {
	var bundle api.EntryBundle
	if err := bundle.UnmarshalText(data); err != nil {
		return nil, err
	}
	hashes := make([][]byte, len(bundle.Entries))
	for i, e := range bundle.Entries {
		hashes[i] = rfc6962.DefaultHasher.HashLeaf(e)
	}
	return hashes, nil
}

// output is a buffer that klog may write to from anywhere.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}
