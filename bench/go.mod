module github.com/matihlabs/propagate/bench

go 1.26.8

require (
	github.com/matihlabs/propagate v0.0.0
	github.com/moby/buildkit v0.34.2
	golang.org/x/sync v0.24.0
)

require (
	github.com/containerd/typeurl/v2 v2.3.0 // indirect
	github.com/distribution/reference v0.6.0 // indirect
	github.com/opencontainers/go-digest v1.0.0 // indirect
	github.com/pkg/errors v0.9.1 // indirect
	github.com/planetscale/vtprotobuf v0.6.1-0.20240319094008-0393e58bdf10 // indirect
	gonum.org/v1/gonum v0.17.0 // indirect
	google.golang.org/protobuf v1.36.12 // indirect
)

replace github.com/matihlabs/propagate => ../

ignore ./node_modules
