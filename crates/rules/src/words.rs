//! Closed lists of words.

/// A word that is not one of those expected; the display lists them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected one of {0}")]
pub struct WordError(pub(crate) &'static str);

/// A closed list of words as an enum: one spelling for files, the database and screens. Read in any case.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident [$list:literal] { $($(#[$item:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$item])* $variant,)*
        }

        impl $name {
            /// Every value, in order.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The word in files, the database and on screens.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::words::WordError;

            fn from_str(text: &str) -> Result<Self, $crate::words::WordError> {
                let found = Self::ALL.iter().copied().find(|value| value.word().eq_ignore_ascii_case(text));
                found.ok_or($crate::words::WordError($list))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.word())
            }
        }
    };
}
pub(crate) use words;
