export REGISTRY=script.example
cd lib && make VERSION=5.0 image-script
