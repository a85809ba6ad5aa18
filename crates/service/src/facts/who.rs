//! Who acts: one answer for the story of an installation, the backlog and the eligible list (MAM-13, OUT-2).

use sluice_rules::authorisation::state::State;
use sluice_rules::codes::RowCode;
use sluice_store::tables::attempts::OutcomeCode;

/// What only has to wait.
pub(crate) const NOBODY: &str = "NOBODY";

/// MAM-13: who can change what a code says.
pub(crate) fn on_code(code: RowCode) -> &'static str {
    match code {
        RowCode::MA111 | RowCode::MA119 | RowCode::MA126 | RowCode::MA128 => "SUPPLIER",
        // OUT-2: before the earliest retry it is only the date that has to change.
        RowCode::MA115 | RowCode::MA127 => NOBODY,
        // OUT-4: what is in a schedule waits for its outcome.
        RowCode::MA125 => "S1SP",
        _ => "DCC",
    }
}

/// Who can bring an authorisation on that is in a state; of one that has ended its supplier, who can send another one.
pub(crate) fn on_state(state: State) -> &'static str {
    match state {
        State::Scheduled | State::Unknown => "S1SP",
        State::Accepted | State::Stopped => "DCC",
        // MAM-3, MSM-12: a unit comes to it without anybody's file.
        State::Standby | State::Deferred | State::Migrated => NOBODY,
        _ => "SUPPLIER",
    }
}

/// OUT-2: who acts on a failure when it may be tried again: by the table of outcome codes; the supplier where no table says so.
pub(crate) fn on_failure<'a>(codes: &'a [OutcomeCode], code: &str, stage: &str) -> &'a str {
    OutcomeCode::of(codes, code, stage).map_or("SUPPLIER", |known| known.who_acts.word())
}
