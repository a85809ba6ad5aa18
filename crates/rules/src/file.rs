//! Files as the rules know them: their kinds, and how they stand.

use crate::words::words;

words! {
    /// The kind of a file, as the first word of its name says.
    FileKind ["the first word of a file's name"] {
        /// Demand Commitment, supplier to DCC.
        DemandCommitment = "DC",
        /// Demand Response, DCC to supplier.
        DemandResponse = "DR",
        /// Migration Authorisation, supplier to DCC.
        Authorisation = "MA",
        /// The password of a protected authorisation, by another route (MAM-10).
        Password = "MAPASSWORD",
        /// Authorisation response, DCC to supplier.
        AuthorisationResponse = "MAR",
        /// Eligible list, DCC to supplier (MAM-13).
        EligibleList = "ELIG",
        /// Hold, supplier to DCC (MAM-12).
        Hold = "HOLD",
        /// Dormant notice, DCC to supplier (DMT-2).
        DormantNotice = "DMMS",
        /// Answer to a Dormant notice, supplier to DCC (DMT-3).
        DormantAnswer = "DMMSR",
        /// Schedule of a day, DCC to S1SP (SCH-1).
        Schedule = "SCHED",
        /// Stop list, DCC to S1SP (STOP-1).
        StopList = "STOPLIST",
        /// Outcomes of a day, S1SP to DCC (OUT-1).
        Outcomes = "OUTCOME",
    }
}

impl FileKind {
    /// The kinds of files that parties send.
    pub const TAKEN: [Self; 6] =
        [Self::DemandCommitment, Self::Authorisation, Self::Password, Self::Hold, Self::DormantAnswer, Self::Outcomes];
}

words! {
    /// How a received file stands.
    FileStatus ["RECEIVED, WAITING, ACCEPTED, HELD, REFUSED, LAPSED, REPLACED, ASIDE"] {
        /// It has no verdict yet.
        Received = "RECEIVED",
        /// It waits for its password (MAM-10).
        Waiting = "WAITING",
        /// It is taken; its rows have their own verdicts (MAM-4).
        Accepted = "ACCEPTED",
        /// It waits to be confirmed (FI21).
        Held = "HELD",
        /// It is refused whole.
        Refused = "REFUSED",
        /// It was held and not confirmed in time (FI21).
        Lapsed = "LAPSED",
        /// A later file has taken its place (MSM-2).
        Replaced = "REPLACED",
        /// It could not be judged, by a fault of the program's: set aside and tried again (FI24).
        Aside = "ASIDE",
    }
}
