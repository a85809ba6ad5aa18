//! The stages of the result of a week.

use crate::words::words;

words! {
    /// MSM-11 to MSM-13: how far the result of a week has come, or what made it anew.
    ResultStage ["PROVISIONAL, FIRM, REFILL, CUT"] {
        /// It may be queried.
        Provisional = "PROVISIONAL",
        /// It stands.
        Firm = "FIRM",
        /// Units that were handed back were shared again (MSM-13).
        Refill = "REFILL",
        /// A day's capacity was changed (MSM-12).
        Cut = "CUT",
    }
}
