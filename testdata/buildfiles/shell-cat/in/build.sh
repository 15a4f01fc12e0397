version=$(cat VERSION)
other="$(< ./app/version.txt)"
docker build -t example.com/app:$version --build-arg V=`cat app/version.txt 2>/dev/null` --build-arg W=$other app
cd app
docker build -t example.com/app:$(cat version.txt) --build-arg NONE=$(cat VERSION) --build-arg UP="v$(cat ../VERSION)" \
	--build-arg TWO=$(cat version.txt version.txt) --build-arg PIPE=$(cat version.txt | tr -d v) .
cd -
cd "$SOMEWHERE"
docker build -t example.com/app:$(cat version.txt) -f app/Dockerfile .
