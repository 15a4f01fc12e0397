docker build -t registry.example.com/web:6 web
