//! A PostgreSQL server that lives as long as somebody uses it.
//!
//! Servers lie in `/tmp/orm-test-<uid>/`, each in a folder of its own, watched over by a shell (`supervise.sh`) that
//! ends with its last user. The rules, in the order the code applies them:
//! 1. Who looks for a server or starts one holds the lock of the folder; others wait.
//! 2. A folder whose supervisor's lock on `alive` is gone belongs to nobody and is removed.
//! 3. A server is used by holding its named pipe `lease` open. It counts only if the pipe still has its name after
//!    it was opened: the supervisor takes the name away before it stops the server, and waits once more afterwards.
//! 4. `shared-…` may be joined by every process of the user, `private-…` belongs to the one that started it.

mod account;
mod certificate;
mod programs;

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::net::TcpListener;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, thread};

use self::account::Account;
use self::programs::Programs;
use crate::address::Address;
use crate::random;
use crate::run::{self, Run};

const SHARED: &str = "shared-";
const PRIVATE: &str = "private-";

/// A server in use by this process; it may end once the value is dropped.
pub struct Throwaway {
    address: Address,
    _lease: File,
    /// Set in the process that started it.
    _supervisor: Option<Child>,
}

impl Throwaway {
    /// The server that all test processes of this user share, started if there is none.
    pub fn shared() -> Result<Throwaway, String> {
        let servers =
            Servers::lock().map_err(|error| format!("the folder of test servers: {error}"))?;
        servers.sweep();
        match servers.join() {
            Some(joined) => Ok(joined),
            None => servers.start(SHARED),
        }
    }

    /// A server for this process and those below it.
    pub fn private() -> Result<Throwaway, String> {
        let servers =
            Servers::lock().map_err(|error| format!("the folder of test servers: {error}"))?;
        servers.sweep();
        servers.start(PRIVATE)
    }

    pub fn address(&self) -> &Address {
        &self.address
    }
}

/// The folder of PostgreSQL's programs that a server would be started from first.
pub fn programs() -> Result<PathBuf, String> {
    Ok(Programs::find()?.swap_remove(0).folder)
}

/// The folder of all throw-away servers of one user, locked.
struct Servers {
    folder: PathBuf,
    account: Account,
    _lock: File,
}

impl Servers {
    fn lock() -> io::Result<Servers> {
        let account = Account::current()?;
        let folder = match env::var_os("ORM_TEST_SERVERS") {
            Some(folder) => PathBuf::from(folder),
            None => PathBuf::from(format!("/tmp/orm-test-{}", account.uid())),
        };
        // Root's servers run as somebody else, who has to get through to their folders.
        let mode = if account.is_root() { 0o711 } else { 0o700 };
        DirBuilder::new().recursive(true).mode(mode).create(&folder)?;
        let owner = fs::symlink_metadata(&folder)?;
        if !owner.is_dir() || owner.uid() != account.uid() {
            return Err(io::Error::other(format!("{} belongs to somebody else", folder.display())));
        }
        // Said again, because the process's mask may have taken bits away.
        fs::set_permissions(&folder, fs::Permissions::from_mode(mode))?;
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(folder.join("lock"))?;
        lock.lock()?;
        Ok(Servers { folder, account, _lock: lock })
    }

    /// Removes what was left by supervisors that were killed themselves. A server that is still there ends when it
    /// misses its folder, within a minute.
    fn sweep(&self) {
        for folder in self.all("").filter(|folder| !is_supervised(folder)) {
            fs::remove_dir_all(folder).ok();
        }
    }

    fn join(&self) -> Option<Throwaway> {
        self.all(SHARED).find_map(|folder| {
            let lease = take_lease(&folder).ok()?;
            let address = Address::from_lines(&fs::read_to_string(folder.join("address")).ok()?)?;
            Some(Throwaway { address, _lease: lease, _supervisor: None })
        })
    }

    /// Starts a server from the first programs that can, newest first.
    fn start(&self, prefix: &str) -> Result<Throwaway, String> {
        let mut failures = Vec::new();
        for programs in Programs::find()? {
            // Twice, because somebody else may take the free port before the server does.
            for _ in 0..2 {
                match self.start_from(&programs, prefix) {
                    Ok(started) => return Ok(started),
                    Err(failure) => {
                        failures.push(format!("\n{}: {failure}", programs.folder.display()));
                    }
                }
            }
        }
        Err(format!("no throw-away PostgreSQL server could be started{}", failures.concat()))
    }

    fn start_from(&self, programs: &Programs, prefix: &str) -> Result<Throwaway, String> {
        let told = |what: &'static str| move |error: io::Error| format!("{what}: {error}");
        let folder = tempfile::Builder::new()
            .prefix(prefix)
            .rand_bytes(8)
            .permissions(fs::Permissions::from_mode(0o700))
            .tempdir_in(&self.folder)
            .map_err(told("its folder"))?
            .keep();
        let port = free_port().map_err(told("a free port"))?;
        let password = random::hex(32);
        let certificate = certificate::create(&folder);
        write_settings(&folder, port, &password, certificate.is_some())
            .map_err(told("its settings"))?;
        self.account.own(&folder).map_err(told("the owner of its folder"))?;
        let (lease, supervisor) =
            self.supervise(&folder, programs).map_err(told("its supervisor"))?;

        let socket = percent_encoded(&folder);
        let mut address = Address {
            url: format!("postgresql://orm@{socket}:{port}/postgres"),
            tcp_url: Some(format!("postgresql://orm:{password}@127.0.0.1:{port}/postgres")),
            certificate,
            run: None,
        };
        wait_until_ready(&folder, &address.url)?;
        address.run =
            Some(Run::begin_on_throwaway(&address.url).map_err(|error| run::explain(&error))?);
        fs::write(folder.join("address"), address.to_lines()).map_err(told("its address"))?;
        Ok(Throwaway { address, _lease: lease, _supervisor: Some(supervisor) })
    }

    /// Hands the server to a shell of its own process group, so that Ctrl-C reaches the tests and not the server.
    fn supervise(&self, folder: &Path, programs: &Programs) -> io::Result<(File, Child)> {
        let alive = File::create(folder.join("alive"))?;
        alive.lock()?;
        let made = Command::new("mkfifo").args(["-m", "600"]).arg(folder.join("lease")).status()?;
        if !made.success() {
            return Err(io::Error::other("mkfifo failed"));
        }
        let lease = open_lease(folder)?;
        let users = File::open(folder.join("lease"))?;
        let supervisor = Command::new("sh")
            .args(["-c", include_str!("supervise.sh"), "supervise"])
            .arg(folder)
            .args(self.account.command("sh"))
            .args(["-c", include_str!("start.sh"), "start"])
            .arg(&programs.folder)
            .env_clear()
            .env(
                "PATH",
                env::var_os("PATH").unwrap_or_else(|| "/usr/bin:/bin:/usr/sbin:/sbin".into()),
            )
            .stdin(users)
            .stdout(alive)
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        Ok((lease, supervisor))
    }

    /// The folders of servers whose name starts with `prefix`.
    fn all(&self, prefix: &str) -> impl Iterator<Item = PathBuf> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let folders = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
        let prefix = prefix.to_owned();
        folders
            .filter(move |entry| entry.file_name().to_string_lossy().starts_with(&prefix))
            .map(|entry| entry.path())
    }
}

/// Whether the supervisor of this server still holds its lock.
fn is_supervised(folder: &Path) -> bool {
    let alive = File::open(folder.join("alive"));
    alive.is_ok_and(|alive| matches!(alive.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

/// Uses the server of this folder, unless it is about to end.
fn take_lease(folder: &Path) -> io::Result<File> {
    let lease = open_lease(folder)?;
    let (held, named) = (lease.metadata()?, fs::metadata(folder.join("lease"))?);
    if is_supervised(folder) && (held.dev(), held.ino()) == (named.dev(), named.ino()) {
        Ok(lease)
    } else {
        Err(io::Error::other("the server is about to end"))
    }
}

/// Opened for reading too, because opening a pipe only for writing waits for its reader.
fn open_lease(folder: &Path) -> io::Result<File> {
    let mut lease = OpenOptions::new().read(true).write(true).open(folder.join("lease"))?;
    lease.write_all(b".")?;
    Ok(lease)
}

/// What a server of tests is set to: quick rather than safe, the same on every machine.
fn write_settings(folder: &Path, port: u16, password: &str, tls: bool) -> io::Result<()> {
    let mut settings = format!(
        "listen_addresses = '127.0.0.1'\n\
         port = {port}\n\
         unix_socket_directories = '{}'\n\
         max_connections = 200\n\
         max_prepared_transactions = 10\n\
         fsync = off\n\
         synchronous_commit = off\n\
         full_page_writes = off\n\
         autovacuum = off\n\
         timezone = 'UTC'\n\
         log_timezone = 'UTC'\n",
        folder.display()
    );
    if tls {
        settings += "ssl = on\nssl_cert_file = '../server.crt'\nssl_key_file = '../server.key'\n";
    }
    fs::write(folder.join("settings"), settings)?;
    fs::write(folder.join("password"), password)?;
    fs::set_permissions(folder.join("password"), fs::Permissions::from_mode(0o600))
}

fn wait_until_ready(folder: &Path, url: &str) -> Result<(), String> {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !folder.join("died").exists() && Instant::now() < deadline {
        if run::ping(url).is_ok() {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(50));
    }
    let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
    let lines: Vec<&str> = log.lines().collect();
    Err(format!(
        "it did not start; its log ends\n{}",
        lines[lines.len().saturating_sub(15)..].join("\n")
    ))
}

/// A port nobody listens on; the server has to be quicker than others to take it.
fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// A folder as the host of a URL.
fn percent_encoded(folder: &Path) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    let bytes = folder.as_os_str().as_encoded_bytes().iter();
    bytes
        .map(
            |&byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") },
        )
        .collect()
}

/// What a program printed, if it ran and succeeded.
fn output(program: impl AsRef<OsStr>, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
