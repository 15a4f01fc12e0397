FROM balena/%%ARCH%%-node:20
RUN true
