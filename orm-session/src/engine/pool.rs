//! The pool: places for connections, each filled by whoever takes it empty.
//!
//! r2d2 keeps the places, lets callers wait for one, and reaps old ones; it never opens a
//! connection itself, because it would do so in the background and lose the cause of a failure.
//! 1. Whoever takes an empty place opens its connection there and then, and is told the typed cause
//!    at once if that fails.
//! 2. A connection that broke, or whose ROLLBACK failed, is taken out of its place before the place
//!    is given back, so that waiting callers are woken in any case.
//! 3. Idle connections are not tested: BEGIN is the probe.

use super::builder::Options;
use super::record::Records;
use crate::driver::{self, Driver, Settings, SqliteTarget, Target};
use orm_core::error::{Error, ErrorKind, Result};
use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::ThreadId;
use std::time::Duration;

/// How many connections an engine has and what they do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PoolStatus {
    /// How many connections there may be at once.
    pub max: u32,
    /// How many are open.
    pub open: u32,
    /// How many of the open ones are free.
    pub idle: u32,
    /// How many are in use.
    pub in_use: u32,
    /// How many callers wait for one.
    pub waiting: u32,
}

/// The places for connections of one engine.
pub(crate) struct Pool {
    places: r2d2::Pool<Places>,
    shared: Arc<Shared>,
}

struct Shared {
    target: Target,
    settings: Settings,
    timeout: Duration,
    records: Records,
    /// One connection holds the whole database, which is gone when it ends.
    in_memory: bool,
    closed: AtomicBool,
    open: AtomicU32,
    in_use: AtomicU32,
    waiting: AtomicU32,
    /// The thread that took the one connection of a database in memory.
    holder: Mutex<Option<ThreadId>>,
}

/// Makes empty places.
struct Places;

impl r2d2::ManageConnection for Places {
    type Connection = Place;
    type Error = Infallible;

    fn connect(&self) -> Result<Place, Infallible> {
        Ok(Place(None))
    }

    fn is_valid(&self, _: &mut Place) -> Result<(), Infallible> {
        Ok(())
    }

    fn has_broken(&self, _: &mut Place) -> bool {
        false
    }
}

struct Place(Option<Live>);

/// An open connection, counted as long as it lives.
struct Live {
    driver: Box<dyn Driver>,
    shared: Arc<Shared>,
}

impl Drop for Live {
    fn drop(&mut self) {
        self.shared.open.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Pool {
    pub(crate) fn new(target: Target, options: &Options, records: Records) -> Pool {
        let in_memory = target == Target::Sqlite(SqliteTarget::Memory);
        let max = if in_memory { 1 } else { options.pool_size };
        let mut builder = r2d2::Pool::builder()
            .max_size(max)
            .min_idle(Some(0))
            .test_on_check_out(false)
            .error_handler(Box::new(r2d2::NopErrorHandler));
        if in_memory {
            builder = builder.idle_timeout(None).max_lifetime(None);
        }
        let shared = Arc::new(Shared {
            target,
            settings: options.settings.clone(),
            timeout: options.pool_timeout,
            records,
            in_memory,
            closed: AtomicBool::new(false),
            open: AtomicU32::new(0),
            in_use: AtomicU32::new(0),
            waiting: AtomicU32::new(0),
            holder: Mutex::new(None),
        });
        Pool { places: builder.build_unchecked(Places), shared }
    }

    /// A connection that nobody else uses, waiting for one if need be and opening it if there is
    /// none.
    pub(crate) fn check_out(&self) -> Result<Checkout> {
        self.check_open()?;
        self.check_holder()?;
        let place = match self.places.try_get() {
            Some(place) => place,
            None => self.wait()?,
        };
        self.shared.in_use.fetch_add(1, Ordering::Relaxed);
        if self.shared.in_memory {
            *self.shared.lock_holder() = Some(std::thread::current().id());
        }
        let mut checkout =
            Checkout { place, shared: Arc::clone(&self.shared), untried: true, poisoned: false };
        self.check_open()?;
        if checkout.place.0.is_none() {
            checkout.reconnect()?;
        }
        Ok(checkout)
    }

    fn wait(&self) -> Result<r2d2::PooledConnection<Places>> {
        self.shared.waiting.fetch_add(1, Ordering::Relaxed);
        let place = self.places.get_timeout(self.shared.timeout);
        self.shared.waiting.fetch_sub(1, Ordering::Relaxed);
        place.map_err(|_| {
            let (max, timeout) = (self.places.max_size(), self.shared.timeout);
            Error::new(
                ErrorKind::PoolTimeout,
                format!(
                    "no connection became free within {timeout:?}: all {max} are in use; end sessions and connections sooner, or raise `pool_size` or `pool_timeout`"
                ),
            )
        })
    }

    fn check_open(&self) -> Result<()> {
        if self.shared.closed.load(Ordering::Relaxed) {
            return Err(Error::new(ErrorKind::Closed, "the engine is closed; build a new one"));
        }
        Ok(())
    }

    /// The thread that holds the only connection would wait for itself.
    fn check_holder(&self) -> Result<()> {
        if self.shared.in_memory && *self.shared.lock_holder() == Some(std::thread::current().id())
        {
            return Err(Error::new(
                ErrorKind::PoolTimeout,
                "a database in memory has one connection, and this thread uses it already; commit, roll back or drop the other session or connection first, or use a file",
            ));
        }
        Ok(())
    }

    pub(crate) fn status(&self) -> PoolStatus {
        let open = self.shared.open.load(Ordering::Relaxed);
        let in_use = self.shared.in_use.load(Ordering::Relaxed);
        PoolStatus {
            max: self.places.max_size(),
            open,
            idle: open.saturating_sub(in_use),
            in_use,
            waiting: self.shared.waiting.load(Ordering::Relaxed),
        }
    }

    pub(crate) fn close(&self) {
        self.shared.closed.store(true, Ordering::Relaxed);
        let mut taken = Vec::new();
        while let Some(mut place) = self.places.try_get() {
            place.0 = None;
            taken.push(place);
        }
    }
}

impl Shared {
    fn lock_holder(&self) -> std::sync::MutexGuard<'_, Option<ThreadId>> {
        self.holder.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection taken out of the pool; it goes back when dropped, unless it is of no more use.
pub(crate) struct Checkout {
    place: r2d2::PooledConnection<Places>,
    shared: Arc<Shared>,
    /// Whether nothing was sent since it was idle in the pool, so that it may be found dead.
    untried: bool,
    poisoned: bool,
}

impl Checkout {
    /// The driver; an error if the connection is gone.
    pub(crate) fn driver(&mut self) -> Result<&mut dyn Driver> {
        match &mut self.place.0 {
            Some(live) => Ok(&mut *live.driver),
            None => Err(Error::new(
                ErrorKind::ConnectionLost,
                "the connection is gone; roll back to go on with a new one",
            )),
        }
    }

    pub(crate) fn is_broken(&self) -> bool {
        self.poisoned || self.place.0.as_ref().is_none_or(|live| live.driver.is_broken())
    }

    /// Whether this is the first use since the connection was idle in the pool.
    pub(crate) fn take_untried(&mut self) -> bool {
        std::mem::replace(&mut self.untried, false)
    }

    /// The connection is never used again by anybody.
    pub(crate) fn poison(&mut self) {
        self.poisoned = true;
    }

    /// Opens a connection in this place, instead of the one that may be there.
    pub(crate) fn reconnect(&mut self) -> Result<()> {
        self.place.0 = None;
        self.untried = false;
        self.poisoned = false;
        let driver = driver::connect(&self.shared.target, &self.shared.settings)?;
        self.shared.records.connect();
        self.shared.open.fetch_add(1, Ordering::Relaxed);
        self.place.0 = Some(Live { driver, shared: Arc::clone(&self.shared) });
        Ok(())
    }
}

impl Drop for Checkout {
    fn drop(&mut self) {
        if self.is_broken() || self.shared.closed.load(Ordering::Relaxed) {
            self.place.0 = None;
        }
        if self.shared.in_memory {
            *self.shared.lock_holder() = None;
        }
        self.shared.in_use.fetch_sub(1, Ordering::Relaxed);
    }
}
