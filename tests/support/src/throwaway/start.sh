# Makes a cluster in the current folder and becomes its server. Runs as the server's own user.
#
# start PROGRAMS   the folder of initdb and postgres; `password` and `settings` lie in the current folder

create() {
    "$1/initdb" --pgdata=data --username=orm --pwfile=password --encoding=UTF8 --locale="$2" --no-sync \
        --auth-local=trust --auth-host=scram-sha-256
}

create "$1" C.UTF-8 || { rm -rf data && create "$1" C; } || exit 1
cat settings >>data/postgresql.conf
exec "$1/postgres" -D data
