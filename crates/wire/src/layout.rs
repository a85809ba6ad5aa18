//! The columns of every kind of file. Every layout is our own rule, versioned with the templates of a rulebook.

/// The sheet and the columns of a kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// The sheet's name in a workbook.
    pub sheet: &'static str,
    /// The columns, in the order in which they are written; in any order when read.
    pub columns: &'static [&'static str],
}

impl Layout {
    /// REF-2, MSM-2: can a file say that the whole of its table is nothing? There may be no exclusion, and no change of supplier
    /// ahead, and nobody may have asked for anything, or have anything that is shared again; of anything else an empty file is one that was cut short.
    pub(crate) fn may_be_empty(&self) -> bool {
        let whole = [&EXCLUSIONS, &REGISTRATIONS, &DEMAND_TABLE, &BALANCES, &STANDINGS];
        whole.iter().any(|layout| layout.columns == self.columns)
    }
}

/// Demand Commitment.
pub const DEMAND: Layout = Layout { sheet: "Demand", columns: &["Migration Date", "Demand"] };

/// Demand Response.
pub const RESPONSE: Layout = Layout {
    sheet: "Response",
    columns: &[
        "Migration Date",
        "Stage",
        "Demand",
        "Counted Demand",
        "Flat Allocation",
        "Pro Rata Allocation",
        "Allocation",
        "Unmet Demand",
        "Opening Balance",
        "Closing Balance",
        "Derivation",
    ],
};

/// Migration Authorisation.
pub const AUTHORISATION: Layout = Layout {
    sheet: "Authorisation",
    columns: &[
        "Import MPAN",
        "MPRN",
        "CHF Device ID",
        "Migration Date",
        "Action",
        "Notified Critical Supplier ID",
        "Priority",
        "Supplier Reference",
    ],
};

/// Authorisation response (MAR).
pub const AUTHORISATION_RESPONSE: Layout = Layout {
    sheet: "Response",
    columns: &[
        "Row",
        "Import MPAN",
        "MPRN",
        "CHF Device ID",
        "Migration Date",
        "Action",
        "Supplier Reference",
        "Verdict",
        "Codes",
        "Message",
    ],
};

/// Eligible list (ELIG).
pub const ELIGIBLE_LIST: Layout = Layout {
    sheet: "Eligible",
    columns: &[
        "CHF Device ID",
        "Import MPAN",
        "MPRN",
        "Device Model Combination",
        "Type",
        "Eligible",
        "Reasons",
        "Who Acts",
        "Attempts",
        "Supplier Reference",
        "Asked By",
        "Asked For",
        "Asked Until",
        "Authorised For",
    ],
};

/// The columns of the schedule of a day and of a stop list.
const SCHEDULE_COLUMNS: &[&str] =
    &["CHF Device ID", "Import MPAN", "MPRN", "Type", "Electricity Party", "Gas Party", "Attempt"];

/// Schedule of a day (SCHED).
pub const SCHEDULE: Layout = Layout { sheet: "Schedule", columns: SCHEDULE_COLUMNS };

/// Outcomes of a day (OUTCOME).
pub const OUTCOME: Layout = Layout { sheet: "Outcome", columns: &["CHF Device ID", "Outcome", "Stage", "Code", "At"] };

/// Hold (HOLD).
pub const HOLD: Layout =
    Layout { sheet: "Hold", columns: &["CHF Device ID", "Import MPAN", "MPRN", "From", "To", "Weekdays", "Action"] };

/// Stop list (STOPLIST).
pub const STOP_LIST: Layout = Layout { sheet: "Stop", columns: SCHEDULE_COLUMNS };

/// Dormant notice (DMMS).
pub const NOTICE: Layout = Layout {
    sheet: "Schedule",
    columns: &[
        "CHF Device ID",
        "Import MPAN",
        "MPRN",
        "Device Model Combination",
        "Line",
        "Migration Date",
        "Respond By",
    ],
};

/// Answer to a Dormant notice (DMMSR).
pub const ANSWER: Layout = Layout { sheet: "Answer", columns: &["CHF Device ID", "Answer", "Reason", "Statement"] };

/// Reference data: capacity of the pools.
pub const CAPACITY: Layout =
    Layout { sheet: "Capacity", columns: &["S1SP", "Migration Date", "Total Capacity", "Dormant Reserve"] };

/// Reference data: parties.
pub const PARTIES: Layout = Layout {
    sheet: "Parties",
    columns: &[
        "Party",
        "Name",
        "Role",
        "User IDs",
        "Electricity MPIDs",
        "Gas MPIDs",
        "S1SP",
        "Operations Contact",
        "Out-of-hours Contact",
    ],
};

/// Reference data: Device Model Combinations.
pub const COMBINATIONS: Layout = Layout {
    sheet: "Combinations",
    columns: &["Device Model Combination", "Communications Provider", "CHF Model", "ESME Model", "GSME Model"],
};

/// Reference data: the inventory of installations.
pub const INVENTORY: Layout = Layout {
    sheet: "Inventory",
    columns: &[
        "CHF Device ID",
        "S1SP",
        "Cohort",
        "Device Model Combination",
        "ESME Device ID",
        "Import MPAN",
        "Electricity MPID",
        "Electricity Status",
        "GSME Device ID",
        "MPRN",
        "Gas MPID",
        "Gas Status",
    ],
};

/// Reference data: who is registered to a meter point, and from when.
pub const REGISTRATIONS: Layout =
    Layout { sheet: "Registrations", columns: &["MPxN", "Fuel", "MPID", "Effective From"] };

/// Reference data: the Eligible Product Combinations List.
pub const EPCL: Layout =
    Layout { sheet: "EPCL", columns: &["S1SP", "Device Model Combination", "Date Added", "Date Removed"] };

/// Reference data: excluded installations and meters.
pub const EXCLUSIONS: Layout =
    Layout { sheet: "Exclusions", columns: &["CHF Device ID", "Fuel", "Category", "Effective From"] };

/// Reference data: the codes of outcomes.
pub const OUTCOME_CODES: Layout =
    Layout { sheet: "Outcome codes", columns: &["Code", "Stage", "Who Acts", "Attempt", "Retry After Days"] };

/// Reference data: a table of everyone's demand.
pub const DEMAND_TABLE: Layout = Layout { sheet: "Demand", columns: &["Party", "S1SP", "Migration Date", "Demand"] };

/// Reference data: eligible installations.
pub const ELIGIBLE: Layout = Layout { sheet: "Eligible", columns: &["Party", "S1SP", "Eligible"] };

/// Reference data: rounding balances.
pub const BALANCES: Layout = Layout { sheet: "Balances", columns: &["Party", "S1SP", "Balance"] };

/// What stands when a pool is shared again after the firm result.
pub const STANDINGS: Layout =
    Layout { sheet: "Standings", columns: &["Party", "S1SP", "Migration Date", "Demand", "Beside", "Opening Balance"] };

/// `allocation.csv`: everyone's result.
pub const ALLOCATION: Layout = Layout {
    sheet: "Allocation",
    columns: &[
        "Party",
        "S1SP",
        "Migration Date",
        "Demand",
        "Counted Demand",
        "Flat Allocation",
        "Pro Rata Allocation",
        "Allocation",
        "Unmet Demand",
        "Opening Balance",
        "Closing Balance",
        "Derivation",
    ],
};
