//! What a check found, and how it names an installation.

/// What was found wrong, in words.
#[derive(Debug, Default)]
pub struct Found(Vec<String>);

impl Found {
    /// Adds something that is wrong.
    pub fn add(&mut self, words: impl Into<String>) {
        self.0.push(words.into());
    }

    /// Adds something unless it holds.
    pub fn unless(&mut self, holds: bool, words: impl FnOnce() -> String) {
        if !holds {
            self.0.push(words());
        }
    }

    /// Everything, in the order in which it was found.
    #[must_use]
    pub fn words(&self) -> &[String] {
        &self.0
    }
}

/// An installation for people: its number in the world.
pub(super) fn home(chf: i64) -> String {
    format!("home {}", (chf.cast_unsigned() & 0xFFFF) / 16)
}
