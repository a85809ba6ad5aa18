//! Exact arithmetic (MSM-10): whole numbers, and fractions as mixed numbers in lowest terms. No floating point.

use std::fmt;

/// Nano-installations in an installation: the unit of rounding balances (MSM-8).
pub const NANO: i64 = 1_000_000_000;

/// A number that is not negative, as whole part and proper fraction in lowest terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mixed {
    /// The whole part.
    pub whole: u64,
    /// Numerator of the fraction; smaller than the denominator.
    pub numerator: u64,
    /// Denominator of the fraction; at least 1.
    pub denominator: u64,
}

impl Mixed {
    /// A whole number.
    #[must_use]
    pub fn whole(whole: u64) -> Self {
        Self { whole, numerator: 0, denominator: 1 }
    }

    /// `factor × other ÷ divisor`, exactly. The quotient must fit 64 bits, as it does when one of the factors is not
    /// larger than the divisor; the divisor must not be zero.
    #[must_use]
    pub fn product_over(factor: u64, other: u64, divisor: u64) -> Self {
        let (whole, remainder) = divide(factor, other, divisor);
        if remainder == 0 {
            return Self::whole(whole);
        }
        let common = greatest_common_divisor(remainder, divisor);
        Self { whole, numerator: remainder / common, denominator: divisor / common }
    }

    /// MSM-6: ⌊fractional part × 10⁹⌋, from 0 to 999,999,999.
    #[must_use]
    pub fn nano(&self) -> i64 {
        let (nano, _) = divide(self.numerator, NANO.unsigned_abs(), self.denominator);
        i64::try_from(nano).unwrap_or(NANO)
    }

    /// Is it a whole number?
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.numerator == 0
    }
}

impl fmt::Display for Mixed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.whole, self.is_whole()) {
            (whole, true) => write!(f, "{whole}"),
            (0, false) => write!(f, "{}/{}", self.numerator, self.denominator),
            (whole, false) => write!(f, "{whole} {}/{}", self.numerator, self.denominator),
        }
    }
}

/// Quotient and remainder of `factor × other ÷ divisor`; the wide division only where 64 bits do not do.
fn divide(factor: u64, other: u64, divisor: u64) -> (u64, u64) {
    if let Some(product) = factor.checked_mul(other) {
        return (product / divisor, product % divisor);
    }
    let (product, divisor) = (u128::from(factor) * u128::from(other), u128::from(divisor));
    let narrow = |value: u128| u64::try_from(value).unwrap_or(u64::MAX);
    (narrow(product / divisor), narrow(product % divisor))
}

fn greatest_common_divisor(mut left: u64, mut right: u64) -> u64 {
    while right != 0 {
        (left, right) = (right, left % right);
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn msm_10_wide_products_are_exact() {
        let third = Mixed::product_over(1_000_000_000_000, 1_000_000_000_000, 3_000_000_000_000);
        assert_eq!(third, Mixed { whole: 333_333_333_333, numerator: 1, denominator: 3 });
        assert_eq!(third.nano(), 333_333_333);
    }

    #[test]
    fn fractions_are_in_lowest_terms_and_read_as_mixed_numbers() {
        assert_eq!(Mixed::product_over(800, 620, 1250).to_string(), "396 4/5");
        assert_eq!(Mixed::product_over(3, 10, 100).to_string(), "3/10");
        assert_eq!(Mixed::product_over(100, 10, 100).to_string(), "10");
    }
}
