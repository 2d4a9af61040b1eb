//! Random names and passwords, from the system's own source.
//!
//! Names must not meet across processes, machines and recycled process ids, so a clock or a counter is not enough.

use std::fs::File;
use std::io::Read;

/// As many random hexadecimal digits, up to 32.
pub fn hex(digits: usize) -> String {
    let mut bytes = [0; 16];
    File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut bytes))
        .expect("/dev/urandom can be read");
    format!("{:032x}", u128::from_ne_bytes(bytes))[..digits].to_owned()
}
