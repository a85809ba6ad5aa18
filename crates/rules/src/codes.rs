//! The codes that answers carry: one list for the program, its interfaces and the manual.

use std::fmt;

/// A text that is no code of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such code")]
pub struct UnknownCode;

macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($code:ident = $meaning:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $(#[doc = $meaning] $code,)*
        }

        impl $name {
            /// Every code, in order.
            pub const ALL: &[Self] = &[$(Self::$code,)*];

            /// What it means.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$code => $meaning,)* }
            }

            /// The code as files and screens show it.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Self::$code => stringify!($code),)* }
            }
        }

        impl std::str::FromStr for $name {
            type Err = UnknownCode;

            fn from_str(text: &str) -> Result<Self, UnknownCode> {
                Self::ALL.iter().copied().find(|code| code.code() == text).ok_or(UnknownCode)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.code())
            }
        }
    };
}

codes! {
    /// Why a file is refused whole.
    FileCode {
        FI01 = "the name does not follow the grammar",
        FI02 = "the extension and the content disagree, or the type is not supported",
        FI03 = "the S1SP is not known",
        FI04 = "the User ID is not registered to the sender, or the party in the name is not the sender",
        FI05 = "the date in the name is not valid, is not a Monday where one is due, or lies more than 24 hours ahead",
        FI07 = "a file of this name was received with other content",
        FI08 = "the stamp is not later than that of the last file that was not refused whole",
        FI09 = "the file is over a limit",
        FI10 = "the archive is not exactly one member of a supported kind, protected in a supported way",
        FI11 = "its password did not come in time, or none was given",
        FI12 = "the password does not open it, or it is damaged",
        FI13 = "it is not UTF-8 text, or holds a NUL byte",
        FI14 = "a column is missing, unknown or repeated",
        FI15 = "the workbook cannot be read or has not the expected sheet",
        FI16 = "it came after the cut-off",
        FI17 = "the week is not open yet",
        FI19 = "not all seven days of the week exactly once",
        FI20 = "a demand that is not a whole number from 0 to 1,000,000",
        FI21 = "held for confirmation: the weekly total differs much from the standing one",
        FI22 = "it has no rows",
        FI23 = "no rulebook known when it came governs it",
        FI24 = "no refusal: its checking took too long or failed by a fault of ours, and it is set aside",
    }
}

codes! {
    /// Why a row is refused.
    RowCode {
        MA101 = "a mandatory field is empty",
        MA102 = "the MPAN has not 13 digits or its check digit is wrong",
        MA103 = "the MPRN has not 6 to 10 digits",
        MA104 = "the Device ID or the Notified Critical Supplier ID is not an EUI-64",
        MA105 = "the date or the priority is not readable, or the action is unknown",
        MA106 = "the date is outside the open Migration Weeks, or not a Migration Day of that S1SP",
        MA107 = "the installation stands twice in the file",
        MA108 = "there is no such installation",
        MA109 = "the identifiers belong to different installations",
        MA110 = "the device models match no EPCL entry added on or before the migration date",
        MA111 = "the sender is not Responsible Supplier of an Active Meter of it",
        MA112 = "the installation is Dormant",
        MA113 = "the installation belongs to another S1SP",
        MA114 = "the installation is excluded",
        MA115 = "the installation is migrated already",
        MA117 = "the day's allocation and standby are used up",
        MA118 = "there is nothing to withdraw, or the withdrawal is too late",
        MA119 = "a change of supplier takes effect on or before the migration date",
        MA121 = "information: the two Responsible Suppliers name different dates",
        MA122 = "too many attempts failed",
        MA123 = "the Notified Critical Supplier ID is not one of the sender's User IDs",
        MA124 = "a stop order covers the installation",
        MA125 = "the outcome of an earlier date is not known yet",
        MA126 = "the installation is on hold on that date",
        MA127 = "it is too early for another attempt",
        MA128 = "a meter of it passed to another supplier, which can authorise it no more",
        DO101 = "a mandatory field is empty",
        DO102 = "the installation is not in the notice or schedule, or its outcome is known",
        DO103 = "the answer or outcome is unknown, or the stage or code of a failure",
        DO104 = "the reason is missing or unknown, or the statement, code or stage that it needs is missing",
        DO105 = "it came too late",
        DO106 = "the Device ID is not an EUI-64",
        DO107 = "the installation stands twice in the file",
        DO108 = "too many of the sender's holds stand about the installation",
    }
}
