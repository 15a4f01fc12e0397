//go:build unix

package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/cgi"
	"path/filepath"
	"sync/atomic"
)

// A server is git's own HTTP server for the generated repositories, at a port of this machine. It
// knows partial clones. What it takes is in no figure of a side, as with a server elsewhere.
type server struct {
	url  string // of all repositories
	sent atomic.Int64
	http http.Server
}

// serve starts the server, once.
func (b *bench) serve(ctx context.Context) (*server, error) {
	if b.web != nil {
		return b.web, nil
	}
	programs, err := output(ctx, "", "git", "--exec-path")
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &server{url: "http://" + listener.Addr().String() + "/"}
	backend := &cgi.Handler{
		Path: filepath.Join(programs, "git-http-backend"), Stderr: io.Discard,
		Env: append(b.environment("none"), "GIT_PROJECT_ROOT="+b.cache, "GIT_HTTP_EXPORT_ALL=1", "GIT_CONFIG_COUNT=2",
			"GIT_CONFIG_KEY_0=uploadpack.allowFilter", "GIT_CONFIG_VALUE_0=true", "GIT_CONFIG_KEY_1=uploadpack.allowAnySHA1InWant", "GIT_CONFIG_VALUE_1=true"),
	}
	s.http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// CGI has no way to give a program a body of unknown length.
		if r.ContentLength < 0 {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			r.Body, r.ContentLength, r.TransferEncoding = io.NopCloser(bytes.NewReader(body)), int64(len(body)), nil
		}
		backend.ServeHTTP(w, r)
	})
	go func() { _ = s.http.Serve(counted{listener, &s.sent}) }() // it ends with the process
	b.web = s
	return s, nil
}

// counted is a listener that counts what is sent.
type counted struct {
	net.Listener
	sent *atomic.Int64
}

func (l counted) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return countedConn{conn, l.sent}, nil
}

type countedConn struct {
	net.Conn
	sent *atomic.Int64
}

func (c countedConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.sent.Add(int64(n))
	return n, err
}
