//! A root certificate and one for the server, signed with it, so that tests can demand `verify-full`.
//!
//! Made by `openssl` in the server's folder. Without that program the server speaks no TLS.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const CONFIG: &str = "\
[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:localhost, IP:127.0.0.1
";

const COMMANDS: [&str; 3] = [
    "req -config openssl.cnf -x509 -extensions root -days 3650 -subj /CN=orm-test-root \
     -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout root.key -out root.crt",
    "req -config openssl.cnf -new -subj /CN=localhost \
     -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout server.key -out server.csr",
    "x509 -req -in server.csr -CA root.crt -CAkey root.key -set_serial 1 -days 3650 \
     -extfile openssl.cnf -extensions server -out server.crt",
];

/// Writes `root.crt`, `server.crt` and `server.key` into the folder and returns the first.
pub fn create(folder: &Path) -> Option<PathBuf> {
    fs::write(folder.join("openssl.cnf"), CONFIG).ok()?;
    let made = COMMANDS.iter().all(|arguments| openssl(folder, arguments));
    made.then(|| folder.join("root.crt"))
}

fn openssl(folder: &Path, arguments: &str) -> bool {
    let mut command = Command::new("openssl");
    command.args(arguments.split_whitespace()).current_dir(folder);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
