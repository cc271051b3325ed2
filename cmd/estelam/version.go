package main

import (
	"fmt"
	"runtime/debug"
	"strings"
)

// versionCmd prints the version.
type versionCmd struct{}

// Run prints module version and source state.
func (versionCmd) Run(s streams) error {
	fmt.Fprintln(s.out, strings.TrimSpace("estelam "+buildVersion()))
	return nil
}

// buildVersion is what the Go tool knows of this build.
func buildVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	version := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			version += " " + s.Value
		}
	}
	return version + " " + info.GoVersion
}
