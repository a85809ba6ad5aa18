//! The sentence that says in words how a line came about (MSM-9).

use super::exact::{Mixed, NANO};
use super::result::{Again, Line, PoolResult, Rounding, Sharing};

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
    if let Some(again) = pool.again {
        words.again(line, again);
    }
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

    /// MSM-12, MSM-13: what becomes of what the party had.
    fn again(&mut self, line: &Line, again: Again) {
        match again {
            Again::Refill => {
                self.text(ADDED).number(line.beside).text(" + ").number(line.allocation);
                self.text(" = ").number(line.afterwards()).text(".");
            }
            Again::Rise => {
                self.text(MORE).number(line.allocation).text(" more.");
            }
            Again::Cut => {
                self.text(AFTER).number(line.afterwards());
                if line.beside > 0 {
                    self.text(", with ").number(line.beside).text(" attempted before it");
                }
                self.text(".");
            }
        }
    }

    fn closing(&mut self, line: &Line) {
        self.text(if line.closing == line.opening { "; balance stays " } else { "; closing balance " });
        self.balance(line.closing).text(".");
    }
}

/// How the words of a pool that is shared again begin: after a refill, a rise and a cut (MSM-12, MSM-13).
const ADDED: &str = " Added to what is held: ";
const MORE: &str = " For deferred rows: ";
const AFTER: &str = " After the cut: ";

/// Is a derivation that of a pool that was shared again? Then the line says what was shared then, not what the party has.
#[must_use]
pub fn is_again(derivation: &str) -> bool {
    [ADDED, MORE, AFTER].iter().any(|words| derivation.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn msm_8_balances_are_told_exactly() {
        for (nano, words) in [(0, "0"), (-200_000_000, "-0.2"), (1_000_000_001, "1.000000001"), (-3 * NANO, "-3")] {
            let mut text = String::new();
            Words { out: &mut text, public: true }.balance(nano);
            assert_eq!(text, words);
        }
    }
}
