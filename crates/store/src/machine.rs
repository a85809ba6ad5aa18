//! The clock of this machine, and whether it was set while it ran. What the machine counts since it was started no one sets.

use crate::error::StoreError;
use crate::tables::convert::{moment_number, moment_of};
use jiff::{SignedDuration, Timestamp};
use std::fs::read_to_string;

/// How far the clock of the day may part from what the machine counts, before it counts as set by somebody.
const PARTS: SignedDuration = SignedDuration::from_secs(60);

/// A clock of the day that was set while the machine ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockJump {
    /// What it would be, as the clock was when it was last seen and by what the machine has counted since.
    pub expected: Timestamp,
    /// What it says.
    pub says: Timestamp,
}

/// A clock as it was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seen {
    /// Which start of which machine it was.
    boot: String,
    /// Milliseconds since that start, with the time that the machine slept.
    since: i64,
    /// Milliseconds since 1970, by the clock of the day.
    says: i64,
}

impl Seen {
    /// The clock now; nothing on a system that does not count.
    fn now() -> Option<Self> {
        let boot = read_to_string("/proc/sys/kernel/random/boot_id").ok()?.trim().to_owned();
        let since = read_to_string("/proc/uptime").ok()?;
        let (seconds, parts) = since.split_whitespace().next()?.split_once('.')?;
        let parts: i64 = format!("{parts:0<3}").get(..3)?.parse().ok()?;
        let since = seconds.parse::<i64>().ok()?.checked_mul(1000)?.checked_add(parts)?;
        Some(Self { boot, since, says: Timestamp::now().as_millisecond() })
    }

    fn parse(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let (boot, since, says) = (words.next()?.to_owned(), words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        Some(Self { boot, since, says })
    }

    /// What the clock of the day would say, had nobody set it since; nothing after another start, or on another machine: how long
    /// that took is not known.
    fn expected(&self, now: &Self) -> Option<i64> {
        let counted = now.since.checked_sub(self.since).filter(|counted| *counted >= 0 && self.boot == now.boot)?;
        self.says.checked_add(counted)
    }
}

/// How long a note is good enough.
const FRESH: i64 = 600_000;

/// The clock as it is now, to be kept; nothing on a system that does not count.
pub(crate) fn note() -> Option<String> {
    Seen::now().map(|Seen { boot, since, says }| format!("{boot} {since} {says}"))
}

/// Was it noted a short while ago?
pub(crate) fn is_fresh(noted: Option<&str>) -> bool {
    let seen = noted.and_then(Seen::parse).zip(Seen::now());
    seen.is_some_and(|(seen, now)| seen.boot == now.boot && (0..FRESH).contains(&(now.since - seen.since)))
}

/// Was the clock set since it was noted?
///
/// # Errors
/// If the clock is beyond all moments.
pub(crate) fn jump(noted: Option<&str>) -> Result<Option<ClockJump>, StoreError> {
    let (Some(seen), Some(now)) = (noted.and_then(Seen::parse), Seen::now()) else { return Ok(None) };
    jumped(&seen, &now)
}

fn jumped(seen: &Seen, now: &Seen) -> Result<Option<ClockJump>, StoreError> {
    let Some(expected) = seen.expected(now).filter(|expected| parted(*expected, now.says)) else { return Ok(None) };
    Ok(Some(ClockJump { expected: moment_of(expected)?, says: moment_of(now.says)? }))
}

fn parted(expected: i64, says: i64) -> bool {
    SignedDuration::from_millis(says.saturating_sub(expected)).abs() > PARTS
}

/// The moment of now by the clock of the day, to the millisecond.
pub(crate) fn says() -> Result<Timestamp, StoreError> {
    moment_of(moment_number(Timestamp::now()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(boot: &str, since: i64, says: i64) -> Seen {
        Seen { boot: boot.to_owned(), since, says }
    }

    #[test]
    fn cal_3_a_clock_that_was_set_by_more_than_a_minute_is_noticed_in_both_directions() {
        let before = seen("a", 1_000, 1_600_000_000_000);
        let after = |says: i64| jumped(&before, &seen("a", 11_000, 1_600_000_000_000 + says)).unwrap();
        assert_eq!(after(10_000), None);
        assert_eq!(after(70_000), None, "a minute is not more than a minute");
        assert_eq!(after(-50_000), None);
        assert!(after(70_001).is_some() && after(-50_001).is_some());
        let jump = after(3_610_000).unwrap();
        assert_eq!(jump.says.duration_since(jump.expected), SignedDuration::from_hours(1));
    }

    #[test]
    fn cal_3_another_start_or_machine_is_no_jump() {
        let before = seen("a", 1_000_000, 1_600_000_000_000);
        let year = 1_600_000_000_000 + 365 * 86_400_000;
        assert_eq!(jumped(&before, &seen("b", 1_000, year)).unwrap(), None);
        assert_eq!(jumped(&before, &seen("a", 999_999, year)).unwrap(), None, "it has not counted backwards");
        assert!(jumped(&before, &seen("a", 1_000_001, year)).unwrap().is_some());
    }

    #[test]
    fn what_is_kept_of_a_clock_is_read_again() {
        let text = note().unwrap();
        assert_eq!(jump(Some(&text)).unwrap(), None);
        assert_eq!((jump(None).unwrap(), jump(Some("nonsense")).unwrap()), (None, None));
        assert!(is_fresh(Some(&text)) && !is_fresh(None) && !is_fresh(Some("another 5 5")));
    }
}
