//! Finds PostgreSQL's programs, `initdb` and `postgres`, on this machine.
//!
//! Looked for where `PATH` says, in the folders that packages put versions into (newest first), and where
//! `pg_config` points. Found is what runs: a broken link or a wrapper without its package is passed over.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::{env, fs};

use super::output;

/// `DROP DATABASE … WITH (FORCE)` is what the tests need of it.
const OLDEST: u32 = 13;

/// The folders of packages; `*` stands for anything within one name.
const VERSIONED: [&str; 7] = [
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/usr/libexec/postgresql*",
    "/usr/local/pgsql/bin",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
];

pub struct Programs {
    pub folder: PathBuf,
}

impl Programs {
    /// All that run here, in the order they should be tried; at least one.
    pub fn find() -> Result<Vec<Programs>, String> {
        let mut seen = HashSet::new();
        let mut refused = Vec::new();
        let mut found = Vec::new();
        let candidates = on_path().chain(versioned()).chain(configured());
        for folder in candidates
            .filter_map(|folder| programs_in(&folder))
            .filter(|folder| seen.insert(folder.clone()))
        {
            match check(&folder) {
                Ok(()) => found.push(Programs { folder }),
                Err(reason) => refused.push(format!("\n{}: {reason}", folder.display())),
            }
        }
        if found.is_empty() {
            return Err(format!(
                "no PostgreSQL server to test on: set TEST_DATABASE_URL to one where databases may be created, or \
                 install version {OLDEST} or later (looked for initdb and postgres on PATH, in {}, and where \
                 pg_config points){}",
                VERSIONED.join(", "),
                refused.concat()
            ));
        }
        Ok(found)
    }
}

fn on_path() -> impl Iterator<Item = PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).collect::<Vec<_>>().into_iter()
}

fn versioned() -> impl Iterator<Item = PathBuf> {
    let mut folders: Vec<PathBuf> =
        VERSIONED.iter().flat_map(|pattern| matching(pattern)).collect();
    folders.sort_by_key(|folder| std::cmp::Reverse(version_in(&folder.to_string_lossy())));
    folders.into_iter()
}

fn configured() -> impl Iterator<Item = PathBuf> {
    output("pg_config", &["--bindir"]).map(PathBuf::from).into_iter()
}

/// The folder of the real `initdb`: packages and people link to it from folders on `PATH`.
fn programs_in(folder: &Path) -> Option<PathBuf> {
    let initdb = fs::canonicalize(folder.join("initdb")).ok()?;
    initdb.parent().map(Path::to_owned)
}

fn check(folder: &Path) -> Result<(), String> {
    for program in ["initdb", "postgres"] {
        let answer = output(folder.join(program), &["--version"])
            .ok_or(format!("{program} does not run"))?;
        if version_in(&answer).is_none_or(|version| version < OLDEST) {
            return Err(format!("{answer} is too old"));
        }
    }
    Ok(())
}

/// The first number of a text: 15 in `initdb (PostgreSQL) 15.18` and in `/usr/lib/postgresql/15/bin`.
fn version_in(text: &str) -> Option<u32> {
    let digits = text.split(|letter: char| !letter.is_ascii_digit()).find(|part| !part.is_empty());
    digits.and_then(|digits| digits.parse().ok())
}

/// The folders that match a pattern with at most one `*` in one of its names.
fn matching(pattern: &str) -> Vec<PathBuf> {
    let Some((before, after)) = pattern.split_once('*') else {
        return vec![PathBuf::from(pattern)];
    };
    let (parent, start) = before.rsplit_once('/').unwrap_or(("", before));
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    let named = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(start));
    named.map(|entry| entry.path().join(after.trim_start_matches('/'))).collect()
}

#[cfg(test)]
mod tests {
    use super::version_in;

    #[test]
    fn versions_are_read_from_answers_and_from_folders() {
        assert_eq!(version_in("initdb (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"), Some(15));
        assert_eq!(version_in("postgres (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(version_in("/usr/lib/postgresql/9.6/bin"), Some(9));
        assert_eq!(version_in("/usr/local/bin"), None);
    }
}
