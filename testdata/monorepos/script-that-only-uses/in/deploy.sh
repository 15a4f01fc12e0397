docker run registry.example/team/d:1.4.0
docker run other.invalid/x/d:1.4.0
kubectl set image deploy/x d=mirror.invalid/zz/d:1.4.0
apt-get install -y d=1.4.0
