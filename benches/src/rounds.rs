//! Interleaved rounds: every round runs each variant once, in turn; a ratio compares runs of one
//! round only.
//!
//! No crate for benchmarks does this: `criterion` and `divan` run one benchmark to its end before the
//! next begins, so that on a machine that is not idle a ratio between two of them compares two
//! moments of the machine. Here a disturbance falls on all variants of its round.
//!
//! 1. A variant times itself, so that what it needs before (a table filled, objects loaded) and its
//!    checks are outside the time.
//! 2. Which variant comes first changes from round to round.
//! 3. A row's ratio is the median of the rounds' ratios; its quartiles are given beside it.

use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// What everything here returns.
pub type Outcome<T> = Result<T, Box<dyn Error>>;

const WARM_UP: usize = 3;
const LEAST_ROUNDS: usize = 15;
const MOST_ROUNDS: usize = 201;
/// How long the rounds of one comparison may take, once there are enough of them.
const LONGEST: Duration = Duration::from_secs(6);

/// How long `work` takes, and what it gives. What it gives is kept from the optimizer.
pub fn timed<T>(work: impl FnOnce() -> Outcome<T>) -> Outcome<(Duration, T)> {
    let start = Instant::now();
    let value = black_box(work()?);
    Ok((start.elapsed(), value))
}

/// An error for a variant that did not do its work.
pub fn check(right: bool, what: &str) -> Outcome<()> {
    if right { Ok(()) } else { Err(format!("wrong result: {what}").into()) }
}

/// What must hold.
#[derive(Clone, Copy)]
pub enum Gate {
    /// Nothing: shown for comparison.
    None,
    /// At most so many times the time of the first variant.
    Ratio(f64),
    /// At most so many nanoseconds for one operation.
    Nanoseconds(f64),
}

/// One way to do what a comparison is about.
pub struct Variant<'a> {
    name: &'static str,
    gate: Gate,
    run: Box<dyn FnMut() -> Outcome<Duration> + 'a>,
}

impl<'a> Variant<'a> {
    /// A way, and how it is run once: it returns the time that counts.
    pub fn new(
        name: &'static str,
        gate: Gate,
        run: impl FnMut() -> Outcome<Duration> + 'a,
    ) -> Variant<'a> {
        Variant { name, gate, run: Box::new(run) }
    }
}

/// Takes comparisons, prints each when it is done.
pub struct Report {
    filters: Vec<String>,
    missed: Vec<String>,
}

impl Report {
    /// A report of the comparisons whose names contain one of `filters`, or of all.
    pub fn new(filters: Vec<String>) -> Report {
        println!("| what | way | median | quartiles | ratio | its quartiles | gate | |");
        println!("|---|---|---|---|---|---|---|---|");
        Report { filters, missed: Vec::new() }
    }

    /// Whether a comparison is asked for: what it needs is made only then.
    pub fn wants(&self, what: &str) -> bool {
        self.filters.is_empty() || self.filters.iter().any(|filter| what.contains(filter.as_str()))
    }

    /// Prints what was measured once and not in rounds.
    pub fn fact(&self, what: &str, of: &str, told: &str) {
        println!("| {what} | {of} | {told} | | | | | |");
    }

    /// Runs the variants in rounds and prints a line for each; `operations` is how many operations
    /// one run is. The first variant is what the others are compared to.
    pub fn compare(
        &mut self,
        what: &str,
        operations: usize,
        mut variants: Vec<Variant<'_>>,
    ) -> Outcome<()> {
        if !self.wants(what) {
            return Ok(());
        }
        let mut times = vec![Vec::new(); variants.len()];
        let mut began = Instant::now();
        for round in 0..WARM_UP + MOST_ROUNDS {
            if round == WARM_UP {
                began = Instant::now();
            }
            if round >= WARM_UP + LEAST_ROUNDS && began.elapsed() > LONGEST {
                break;
            }
            for turn in 0..variants.len() {
                let index = (turn + round) % variants.len();
                let variant = &mut variants[index];
                let time = (variant.run)()
                    .map_err(|error| format!("{what}, {}: {error}", variant.name))?;
                if round >= WARM_UP {
                    times[index].push(time.as_secs_f64() / operations as f64);
                }
            }
        }
        for (variant, own) in variants.iter().zip(&times) {
            let ratios: Vec<f64> = own.iter().zip(&times[0]).map(|(own, raw)| own / raw).collect();
            self.line(what, variant, &Quartiles::of(own), &Quartiles::of(&ratios));
        }
        Ok(())
    }

    fn line(&mut self, what: &str, variant: &Variant<'_>, time: &Quartiles, ratio: &Quartiles) {
        let (gate, met) = match variant.gate {
            Gate::None => (String::new(), true),
            Gate::Ratio(most) => (format!("≤ {most:.2} ×"), ratio.median <= most),
            Gate::Nanoseconds(most) => (format!("≤ {most:.0} ns"), time.median * 1e9 <= most),
        };
        let verdict = match (gate.is_empty(), met) {
            (true, _) => "",
            (false, true) => "met",
            (false, false) => "**not met**",
        };
        if !met {
            self.missed.push(format!("{what}, {}", variant.name));
        }
        println!(
            "| {what} | {} | {} | {} … {} | {:.2} | {:.2} … {:.2} | {gate} | {verdict} |",
            variant.name,
            shown(time.median),
            shown(time.lower),
            shown(time.upper),
            ratio.median,
            ratio.lower,
            ratio.upper,
        );
    }

    /// Tells which gates were not met; an error if there are any.
    pub fn finish(self) -> Outcome<()> {
        if self.missed.is_empty() {
            return Ok(());
        }
        Err(format!("gates not met:\n  {}", self.missed.join("\n  ")).into())
    }
}

struct Quartiles {
    lower: f64,
    median: f64,
    upper: f64,
}

impl Quartiles {
    fn of(values: &[f64]) -> Quartiles {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let at = |part: f64| sorted[((sorted.len() - 1) as f64 * part).round() as usize];
        Quartiles { lower: at(0.25), median: at(0.5), upper: at(0.75) }
    }
}

/// A time in the unit it reads best in.
fn shown(seconds: f64) -> String {
    if seconds >= 1.0 {
        format!("{seconds:.2} s")
    } else if seconds >= 1e-3 {
        format!("{:.2} ms", seconds * 1e3)
    } else if seconds >= 1e-6 {
        format!("{:.1} µs", seconds * 1e6)
    } else {
        format!("{:.1} ns", seconds * 1e9)
    }
}
