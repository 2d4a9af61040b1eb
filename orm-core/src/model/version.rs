//! Versions of rows: what a field marked `#[orm(version)]` begins with, and what comes next.
//!
//! All that is asked of a version is that it differs from the one before.

use super::FieldType;

/// A type that counts the changes of a row.
pub trait VersionType: FieldType {
    /// Of a new row.
    fn first() -> Self;

    /// Of a row that had this version and changes.
    #[must_use]
    fn next(&self) -> Self;
}

macro_rules! counted {
    ($($ty:ty),*) => {$(
        impl VersionType for $ty {
            fn first() -> $ty {
                1
            }

            /// One more; behind the greatest comes the least.
            fn next(&self) -> $ty {
                self.wrapping_add(1)
            }
        }
    )*};
}

counted!(i32, i64);

#[cfg(feature = "chrono")]
impl VersionType for chrono::DateTime<chrono::Utc> {
    fn first() -> Self {
        crate::types::Now::now()
    }

    /// The moment, or a microsecond more than before where the clock shows no later one.
    fn next(&self) -> Self {
        let later = self.checked_add_signed(chrono::TimeDelta::microseconds(1));
        Self::first().max(later.unwrap_or(*self))
    }
}

#[cfg(feature = "uuid")]
impl VersionType for uuid::Uuid {
    fn first() -> Self {
        uuid::Uuid::new_v4()
    }

    fn next(&self) -> Self {
        Self::first()
    }
}

#[cfg(test)]
mod tests {
    use super::VersionType;

    #[test]
    fn numbers_count_and_come_round() {
        assert_eq!((<i32 as VersionType>::first(), 1.next(), i32::MAX.next()), (1, 2, i32::MIN));
        assert_eq!((<i64 as VersionType>::first(), 7_i64.next()), (1, 8));
    }

    #[cfg(feature = "chrono")]
    #[test]
    fn a_moment_is_later_than_the_one_before_whatever_the_clock_shows() {
        use chrono::{DateTime, TimeDelta, Utc};

        let first = DateTime::<Utc>::first();
        assert!(first.next() > first);
        let ahead = first + TimeDelta::hours(1);
        assert_eq!(ahead.next() - ahead, TimeDelta::microseconds(1));
    }

    #[cfg(feature = "uuid")]
    #[test]
    fn random_ones_differ() {
        let first = uuid::Uuid::first();
        assert_ne!(first, first.next());
    }
}
