//! Dates and times as text: how SQLite stores them and how the log shows them.
//!
//! Counts from 2000-01-01 become `YYYY-MM-DD HH:MM:SS.ffffff`, always with six fractional digits,
//! so that the order of the texts is the order of time. Years outside 0000 to 9999 have no such
//! text and are refused.

const MICROS_PER_DAY: i64 = 86_400_000_000;
/// Days from 0000-03-01, where the Gregorian 400-year cycle is easiest to count, to 2000-01-01.
const DAYS_FROM_CYCLE_START: i64 = 730_425;
const DAYS_PER_CYCLE: i64 = 146_097;

/// `YYYY-MM-DD` of days since 2000-01-01; `None` for years outside 0000 to 9999.
pub fn date(days: i32) -> Option<String> {
    let (year, month, day) = civil(i64::from(days));
    (0..=9999).contains(&year).then(|| format!("{year:04}-{month:02}-{day:02}"))
}

/// `HH:MM:SS.ffffff` of microseconds since midnight.
pub fn time(micros: i64) -> String {
    let seconds = micros / 1_000_000;
    format!(
        "{:02}:{:02}:{:02}.{:06}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60,
        micros % 1_000_000
    )
}

/// `YYYY-MM-DD HH:MM:SS.ffffff` of microseconds since 2000-01-01; `None` as for [`date`].
pub fn timestamp(micros: i64) -> Option<String> {
    let days = i32::try_from(micros.div_euclid(MICROS_PER_DAY)).ok()?;
    Some(format!("{} {}", date(days)?, time(micros.rem_euclid(MICROS_PER_DAY))))
}

/// Year, month and day of days since 2000-01-01, by the 400-year cycle that starts on 1 March.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + DAYS_FROM_CYCLE_START;
    let cycle = days.div_euclid(DAYS_PER_CYCLE);
    let day_of_cycle = days.rem_euclid(DAYS_PER_CYCLE);
    let year_of_cycle =
        (day_of_cycle - day_of_cycle / 1460 + day_of_cycle / 36_524 - day_of_cycle / 146_096) / 365;
    let day_of_year =
        day_of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (cycle * 400 + year_of_cycle + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_become_dates() {
        assert_eq!(date(0).as_deref(), Some("2000-01-01"));
        assert_eq!(date(59).as_deref(), Some("2000-02-29"));
        assert_eq!(date(-1).as_deref(), Some("1999-12-31"));
        assert_eq!(date(-730_485).as_deref(), Some("0000-01-01"));
        assert_eq!(date(-730_486), None);
        assert_eq!(date(2_921_939).as_deref(), Some("9999-12-31"));
        assert_eq!(date(2_921_940), None);
    }

    #[test]
    fn micros_become_timestamps() {
        assert_eq!(timestamp(0).as_deref(), Some("2000-01-01 00:00:00.000000"));
        assert_eq!(timestamp(-1).as_deref(), Some("1999-12-31 23:59:59.999999"));
        assert_eq!(timestamp(i64::MAX), None);
    }
}
