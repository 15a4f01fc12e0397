.ONESHELL:
build:
	cd images/a
	v=5
	docker build -t example.com/a:$$v .
