//! The codes that answers carry: one list for the program, its interfaces and the manual.

use std::fmt;

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

            /// The code as files and screens show it.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Self::$code => stringify!($code),)* }
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
        FI05 = "the date in the name is not valid, is not a Monday where one is due, or lies more than 24 hours ahead",
        FI07 = "a file of this name was received with other content",
        FI09 = "the file is over a limit",
        FI10 = "the archive is not exactly one member of a supported kind, protected in a supported way",
        FI11 = "no password was given for it",
        FI12 = "the password does not open it, or it is damaged",
        FI13 = "it is not UTF-8 text, or holds a NUL byte",
        FI14 = "a column is missing, unknown or repeated",
        FI15 = "the workbook cannot be read or has not the expected sheet",
        FI19 = "not all seven days of the week exactly once",
        FI20 = "a demand that is not a whole number from 0 to 1,000,000",
        FI22 = "it has no rows",
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
        MA107 = "the installation stands twice in the file",
        DO101 = "a mandatory field is empty",
        DO103 = "the answer is unknown",
        DO104 = "the reason is missing or unknown, or the statement it asks for is missing",
        DO106 = "the Device ID is not an EUI-64",
        DO107 = "the installation stands twice in the file",
    }
}
