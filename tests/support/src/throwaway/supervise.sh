# Holds one throw-away PostgreSQL server as long as somebody uses it.
#
# supervise FOLDER COMMAND…   COMMAND becomes the server, in FOLDER, which is removed in the end
#   stdin   read end of the named pipe FOLDER/lease. Every user holds it open for writing and has written one byte.
#           The kernel closes it with the user's last breath, so a user killed with SIGKILL is gone as any other.
#   stdout  the file FOLDER/alive, locked: the lock goes with this process, however it ends.

folder=$1
shift
cd "$folder" || exit 1
( "$@"; : >died ) </dev/null >>log 2>&1 &
server=$!

# The end of the pipe says that nobody uses the server. It stays for a second, as test processes come one after
# another, and goes unless somebody came in that time.
while [ "$(cat | wc -c)" -gt 0 ]; do sleep 1; done

# From here nobody can come any more. A user who took the lease just before finds it under its name still, and is
# waited for here; one who came too late does not, and starts another server.
mv lease closed
cat >/dev/null

while kill -0 "$server" 2>/dev/null && [ ! -s data/postmaster.pid ]; do sleep 1; done
kill -0 "$server" 2>/dev/null && kill -QUIT "$(head -n 1 data/postmaster.pid)"
wait
cd / && rm -rf "$folder"
