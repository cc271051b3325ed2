package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
)

// nullCmd is the yardstick of the bench: the same TLS, the same HTTP server, a
// handler that reads the request and answers two bytes.
type nullCmd struct {
	Listen string `required:"" help:"Address to listen on."`
	Cert   string `required:"" help:"Server certificate (PEM)."`
	Key    string `required:"" help:"Its private key (PEM)."`
	CA     string `required:"" help:"Certificate authority of the clients (PEM)."`
}

// Run serves until it is interrupted.
func (n *nullCmd) Run(ctx context.Context, s streams) error {
	collectLess() // as the service does
	cert, err := tls.LoadX509KeyPair(n.Cert, n.Key)
	if err != nil {
		return err
	}
	pool, err := readPool(n.CA)
	if err != nil {
		return err
	}
	ln, err := net.Listen("tcp", n.Listen)
	if err != nil {
		return err
	}
	server := &http.Server{
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{cert}, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert, MinVersion: tls.VersionTLS13},
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			_, _ = w.Write([]byte("{}"))
		}),
	}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	fmt.Fprintln(s.out, "listening on", ln.Addr())
	if err := server.ServeTLS(ln, "", ""); err != http.ErrServerClosed {
		return err
	}
	return nil
}

func readPool(file string) (*x509.CertPool, error) {
	pem, err := readFile(file)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s holds no certificate", file)
	}
	return pool, nil
}
