//! The user that a throw-away server runs as: this one, unless that is root, whom PostgreSQL refuses.
//!
//! Root drops to `postgres`, where that user exists, else to `nobody`, by the first tool that works here.

use std::ffi::OsString;
use std::os::unix::fs::chown;
use std::path::Path;
use std::process::{Command, Stdio};
use std::{fs, io};

use super::output;

pub struct Account {
    uid: u32,
    unprivileged: Option<Unprivileged>,
}

struct Unprivileged {
    uid: u32,
    gid: u32,
    /// The words before a command that make it run as this user.
    prefix: Vec<OsString>,
}

impl Account {
    pub fn current() -> io::Result<Account> {
        let uid = id("-u", None).ok_or_else(|| io::Error::other("`id -u` failed"))?;
        let unprivileged = if uid == 0 { Some(Unprivileged::find()?) } else { None };
        Ok(Account { uid, unprivileged })
    }

    pub fn uid(&self) -> u32 {
        self.uid
    }

    pub fn is_root(&self) -> bool {
        self.unprivileged.is_some()
    }

    /// `program` as the words that run it as the server's user.
    pub fn command(&self, program: &str) -> Vec<OsString> {
        let prefix = self.unprivileged.iter().flat_map(|user| user.prefix.iter().cloned());
        prefix.chain([OsString::from(program)]).collect()
    }

    /// Gives a folder and the files in it to the server's user.
    pub fn own(&self, folder: &Path) -> io::Result<()> {
        let Some(user) = &self.unprivileged else { return Ok(()) };
        for entry in fs::read_dir(folder)? {
            chown(entry?.path(), Some(user.uid), Some(user.gid))?;
        }
        chown(folder, Some(user.uid), Some(user.gid))
    }
}

impl Unprivileged {
    fn find() -> io::Result<Unprivileged> {
        let users = ["postgres", "nobody"].into_iter().filter_map(|name| {
            let (uid, gid) = (id("-u", Some(name))?, id("-g", Some(name))?);
            Some(prefixes(name, uid, gid).map(move |prefix| Unprivileged { uid, gid, prefix }))
        });
        users.flatten().find(Unprivileged::works).ok_or_else(|| {
            io::Error::other("PostgreSQL does not run as root, and none of setpriv, runuser and su can run it as another")
        })
    }

    fn works(&self) -> bool {
        let mut words = self.prefix.iter();
        let Some(tool) = words.next() else { return false };
        let mut command = Command::new(tool);
        command
            .args(words)
            .arg("true")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command.current_dir("/").status().is_ok_and(|status| status.success())
    }
}

fn prefixes(name: &str, uid: u32, gid: u32) -> impl Iterator<Item = Vec<OsString>> {
    let setpriv = format!("setpriv --reuid={uid} --regid={gid} --clear-groups --");
    let runuser = format!("runuser -u {name} --");
    let words = |line: String| line.split(' ').map(OsString::from).collect::<Vec<_>>();
    let su = ["su", "-s", "/bin/sh", name, "-c", r#"exec "$0" "$@""#, "--"];
    [words(setpriv), words(runuser), su.map(OsString::from).to_vec()].into_iter()
}

fn id(which: &str, user: Option<&str>) -> Option<u32> {
    let arguments: Vec<&str> = [which].into_iter().chain(user).collect();
    output("id", &arguments)?.parse().ok()
}
