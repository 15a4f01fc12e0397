docker build -t crlf:1 \
  --build-arg A=1 .
X=2
docker build -t crlf:$X .
