//! Processes that use a server of their own folder, to be ended or killed by a test.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A folder of servers for one test; short, as the name of a socket has to be.
pub struct Folder(TempDir);

impl Folder {
    pub fn new() -> Folder {
        let folder = tempfile::Builder::new().prefix("orm-test-").tempdir_in("/tmp");
        Folder(folder.expect("a folder in /tmp can be made"))
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// A process that uses a server started in this folder, and waits.
    pub fn user(&self, options: &[&str]) -> User {
        User::start(self.command(options).env_remove("TEST_DATABASE_URL"))
    }

    /// A process that uses the given server, and waits.
    pub fn user_of(&self, url: &str) -> User {
        User::start(self.command(&[]).env("TEST_DATABASE_URL", url))
    }

    fn command(&self, options: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_with-postgres"));
        command.args(options).args([
            "sh",
            "-c",
            r#"echo "$TEST_DATABASE_URL"; echo "$TEST_DATABASE_RUN"; read -r _"#,
        ]);
        command.env("ORM_TEST_SERVERS", self.path()).env_remove("TEST_DATABASE_RUN");
        command
    }

    pub fn servers(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.path()).expect("the folder can be read").flatten();
        entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect()
    }

    pub fn wait_until_empty(&self) {
        wait_until("the folder of the server is removed", || self.servers().is_empty());
    }
}

impl Drop for Folder {
    /// The servers need their files until they have ended.
    fn drop(&mut self) {
        if !thread::panicking() {
            self.wait_until_empty();
        }
    }
}

/// A process that holds a server until it is killed or told to finish.
pub struct User {
    process: Child,
    pub url: String,
    pub run: String,
}

impl User {
    fn start(command: &mut Command) -> User {
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("with-postgres was built with this test");
        let mut lines = BufReader::new(process.stdout.take().expect("piped")).lines();
        let mut line = || lines.next().expect("there is a server").expect("its address is text");
        User { url: line(), run: line(), process }
    }

    /// Ends it with SIGKILL.
    pub fn kill(&mut self) {
        self.process.kill().expect("it runs");
        self.process.wait().expect("it is our child");
    }

    pub fn finish(&mut self) {
        let mut stdin = self.process.stdin.take().expect("piped");
        stdin.write_all(b"\n").expect("it waits for a line");
        assert!(self.process.wait().expect("it is our child").success());
    }
}

impl Drop for User {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// Waits for something that has to happen soon.
pub fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(15);
    while !done() {
        assert!(Instant::now() < deadline, "not within 15 seconds: {what}");
        thread::sleep(Duration::from_millis(100));
    }
}
