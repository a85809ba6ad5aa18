//! The sentence that says in words how a line came about (MSM-9).

use super::exact::{Mixed, NANO};
use super::result::{Line, PoolResult, Rounding, Sharing};

/// MSM-9: what is added to the derivation of a line of a day that has no capacity at all. Which days have is known to all.
pub const WITHOUT_CAPACITY: &str = " The day has no capacity (MSM-1), so nobody has a unit of it.";

/// MSM-9: writes the derivation of a line: demand, flat part, entitlement as a fraction, balance, what rounding did,
/// allocation. Plain ASCII, so that every spreadsheet shows it as it is.
pub fn write_derivation(pool: &PoolResult, line: &Line, out: &mut String) {
    write(pool, line, Words { out, public: true });
}

/// MSM-14: the same where the facts of the pool are hidden from its parties: of the line alone, without capacity, totals, how
/// the rest was shared and how many parties there are.
pub fn write_own_derivation(pool: &PoolResult, line: &Line, out: &mut String) {
    write(pool, line, Words { out, public: false });
}

fn write(pool: &PoolResult, line: &Line, mut words: Words<'_>) {
    words.demand(line);
    match pool.sharing {
        Sharing::Met => words.met(pool, line),
        Sharing::ProRata { rest, unmet } => words.pro_rata(pool, line, rest, unmet),
        Sharing::Short { flat, level } => words.short(pool, line, flat, level),
    }
}

/// A balance in installations, as an exact decimal number: `-0.2`.
#[must_use]
pub fn installations(nano: i64) -> String {
    let mut text = String::new();
    Words { out: &mut text, public: true }.balance(nano);
    text
}

/// Appends words and figures; formatting machinery would take most of the time of a large run.
struct Words<'a> {
    out: &'a mut String,
    /// May the facts of the pool be told?
    public: bool,
}

impl Words<'_> {
    fn text(&mut self, text: &str) -> &mut Self {
        self.out.push_str(text);
        self
    }

    fn number(&mut self, number: u64) -> &mut Self {
        self.out.push_str(itoa::Buffer::new().format(number));
        self
    }

    fn mixed(&mut self, value: Mixed) -> &mut Self {
        if value.is_whole() {
            return self.number(value.whole);
        }
        if value.whole > 0 {
            self.number(value.whole).text(" ");
        }
        self.number(value.numerator).text("/").number(value.denominator)
    }

    fn balance(&mut self, nano: i64) -> &mut Self {
        let (size, one) = (nano.unsigned_abs(), NANO.unsigned_abs());
        if nano < 0 {
            self.text("-");
        }
        self.number(size / one);
        let fraction = size % one;
        if fraction == 0 {
            return self;
        }
        self.text(".");
        let mut buffer = itoa::Buffer::new();
        // One in front keeps the leading zeros of the fraction.
        let digits = buffer.format(one + fraction);
        self.text(digits[1..].trim_end_matches('0'))
    }

    fn demand(&mut self, line: &Line) {
        self.text("Demand ").number(line.demand);
        if line.counted != line.demand {
            self.text(", counted as ").number(line.counted).text(" (MSM-2a)");
        }
        self.text(". ");
    }

    fn met(&mut self, pool: &PoolResult, line: &Line) {
        if self.public {
            self.text("Total ").number(pool.total).text(" is within capacity ").number(pool.capacity.available());
            self.text(": met in full (MSM-3)");
        } else {
            self.text("Met in full (MSM-3)");
        }
        self.text(". Flat part ").number(line.flat).text(", pro rata ").number(line.pro_rata());
        self.text(". Allocation ").number(line.allocation);
        self.closing(line);
    }

    fn pro_rata(&mut self, pool: &PoolResult, line: &Line, rest: u64, unmet: u64) {
        if self.public {
            self.text("Total ").number(pool.total).text(" exceeds capacity ").number(pool.capacity.available());
            self.text(". ");
        } else {
            self.text("The total exceeds the capacity. ");
        }
        self.text("Flat part ").number(line.flat).text(" (MSM-4). Share of the rest ");
        if self.public {
            self.number(line.unmet).text(" x ").number(rest).text(" / ").number(unmet).text(" = ");
        }
        self.mixed(line.entitlement).text(" (MSM-5). ");
        self.rounding(line);
        self.text("Allocation ").number(line.flat).text(" + ").number(line.pro_rata()).text(" = ");
        self.number(line.allocation);
        self.closing(line);
    }

    fn short(&mut self, pool: &PoolResult, line: &Line, flat: u64, level: Mixed) {
        self.text("Flat part due ").number(line.flat_due);
        if self.public {
            self.text("; all of them, ").number(flat).text(", exceed capacity ").number(pool.capacity.available());
            self.text(": shared equally up to ").mixed(level).text(" each (MSM-4), here ");
        } else {
            self.text("; all flat parts exceed the capacity: shared equally (MSM-4), here ");
        }
        self.mixed(line.entitlement).text(". ");
        self.rounding(line);
        self.text("Allocation ").number(line.allocation);
        self.closing(line);
    }

    fn rounding(&mut self, line: &Line) {
        let Some(Rounding { rank, ranked, left, lot }) = line.rounding else { return };
        self.text("Balance ").balance(line.opening).text(", place ");
        self.number(u64::from(rank));
        if self.public {
            self.text(" of ").number(u64::from(ranked));
        }
        self.text(if lot.is_some() { " by lot (MSM-7)" } else { "" });
        if self.public {
            self.text(" for ").number(left).text(if left == 1 { " unit left over" } else { " units left over" });
        }
        self.text(": ");
        self.text(if line.extra { "one more" } else { "none" }).text(" (MSM-6). ");
    }

    fn closing(&mut self, line: &Line) {
        self.text(if line.closing == line.opening { "; balance stays " } else { "; closing balance " });
        self.balance(line.closing).text(".");
    }
}
