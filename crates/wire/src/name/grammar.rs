//! FI01: what the names of files are made of.

use sluice_rules::file::FileKind;

/// A part of a name, between underscores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Party,
    UserId,
    S1sp,
    /// The Monday of a Migration Week.
    Week,
    Day,
    Time,
}

/// What the name of a kind is made of, and whether it may end in a version.
pub(super) const fn grammar(kind: FileKind) -> (&'static [Part], bool) {
    use Part::{Day, Party, S1sp, Time, UserId, Week};
    match kind {
        FileKind::DemandCommitment => (&[Party, UserId, S1sp, Week], false),
        FileKind::DemandResponse => (&[Party, UserId, S1sp, Week], true),
        FileKind::Authorisation | FileKind::Password | FileKind::Hold => (&[S1sp, UserId, Day, Time], false),
        FileKind::AuthorisationResponse => (&[S1sp, UserId, Day, Time], true),
        FileKind::EligibleList => (&[S1sp, UserId, Day], false),
        FileKind::DormantNotice => (&[S1sp, UserId, Week], true),
        FileKind::DormantAnswer => (&[S1sp, UserId, Week], false),
        FileKind::Schedule => (&[S1sp, Day], true),
        FileKind::StopList | FileKind::Outcomes => (&[S1sp, Day, Time], false),
    }
}

/// The form of a name of this kind, for people.
#[must_use]
pub fn form(kind: FileKind) -> String {
    let mut form = kind.word().to_owned();
    for part in grammar(kind).0 {
        form.push_str(match part {
            Part::Party => "_<party>",
            Part::UserId => "_<user id, such as 70-B3-D5-1F-30-00-A0-08>",
            Part::S1sp => "_<S1SP>",
            Part::Week => "_<Monday as yyyymmdd>",
            Part::Day => "_<yyyymmdd>",
            Part::Time => "_<hhmmss>",
        });
    }
    form
}
